/** @file `model.md`: the model card of a bundle, written from what the run, the data and the export say. */
import { basename } from 'node:path';
import type { Dataset } from '../data/dataset.ts';
import { scriptsKnownTo } from '../data/tokens/inspect.ts';
import { parameterCount } from '../nn/parameters.ts';
import { commandText } from '../system/command.ts';
import { grouped } from '../system/counted.ts';
import type { Comparison } from './compare.ts';
import { type Manifest, pictureForm } from './manifest.ts';
import { imageInput } from './models.ts';
import type { Trained } from './trained.ts';
import { ALLOWED, type Verification } from './verify.ts';

export interface CardFacts {
  readonly manifest: Manifest;
  /** The trained model, or all of an ensemble. */
  readonly members: readonly CardMember[];
  /** Undefined where it is no longer at hand. */
  readonly dataset: Dataset | undefined;
  readonly verification: Verification;
  /** The command that made the bundle. */
  readonly command: readonly string[];
}

export interface CardMember {
  readonly trained: Trained;
  /** Scores of the checkpoint on the validation split, by name. */
  readonly scores: Readonly<Record<string, number>>;
}

/** The page. */
export function modelCard(facts: CardFacts): string {
  const { manifest, members } = facts;
  const [{ trained: first }] = members;
  return [
    `# ${manifest.name}`,
    `Brings pictures and captions into one space of ${manifest.dimension} dimensions. A picture and a text fit as well as the ` +
      'inner product of their vectors is high.',
    ...(members.length > 1
      ? [`An ensemble of ${members.length} runs: vectors of all lie side by side, and a score is the mean of theirs.`]
      : []),
    table('What it is', whatItIs(facts)),
    `## Data\n\n${ofEach(members, (member) => dataText(member, member.trained === first ? facts.dataset : undefined))}`,
    `## Scores on the validation split\n\n${ofEach(members, scoresText)}`,
    `## Languages\n\n${languagesText(first)}`,
    `## Intended use\n\n${intendedUse}`,
    `## Limits\n\n${limits(first)}`,
    `## How it was made\n\n${howMade(facts)}`,
    `## How to use it\n\n${howToUse(manifest)}`,
    `## Configuration\n\n${ofEach(members, configurationText)}`,
  ]
    .join('\n\n')
    .concat('\n');
}

/** A text about each run, under its name where there are several. */
function ofEach(members: readonly CardMember[], textOf: (member: CardMember) => string): string {
  if (members.length === 1) return textOf(members[0]);
  return members.map((member) => `### ${basename(member.trained.run)}\n\n${textOf(member)}`).join('\n\n');
}

function configurationText({ trained }: CardMember): string {
  return `\`\`\`json\n${JSON.stringify(trained.values, undefined, 2)}\n\`\`\``;
}

function whatItIs({ manifest, members }: CardFacts): [string, string][] {
  const [{ trained: first }] = members;
  const ids = grouped(first.tokenizer.size);
  return [
    ['pictures enter as', `${pictureForm(manifest.images)}${sourceText(manifest)}`],
    ...members.flatMap(({ trained }) => towersOf(trained)),
    ['vocabulary', `${ids} ids; texts are cut at ${first.tokenizer.maxLength} tokens, marks included`],
    ...members.map(({ trained }) => checkpointOf(trained)),
    ['fingerprint', manifest.fingerprint],
  ];
}

function towersOf({ values, encoder }: Trained): [string, string][] {
  return (['image', 'text'] as const).map((side) => {
    const { kind, pooling } = values[side];
    const size = grouped(parameterCount(encoder[side].parameters));
    return [`${side} tower`, `${kind}, ${pooling} pooling, ${size} parameters`];
  });
}

function checkpointOf({ run, checkpoint, weights }: Trained): [string, string] {
  return [
    'checkpoint',
    `step ${checkpoint.step} of ${basename(run)}${weights === 'average' ? ', averaged weights' : ''}`,
  ];
}

/** Where features come from; pixels need no word. */
function sourceText({ images, files }: Manifest): string {
  if (images.kind === 'pixels') return '';
  if (images.backbone === null) return ' of a frozen backbone, which nobody named';
  const included = files['backbone.onnx'] ? 'included' : 'not included';
  return ` of a frozen backbone (SHA-256 ${images.backbone.slice(0, 16)}…), ${included}`;
}

function dataText({ trained }: CardMember, dataset: Dataset | undefined): string {
  const { values, record } = trained;
  const { trainSplits, valSplit } = values.data;
  const rows = Object.entries(record.data).map(([name, fingerprint]): [string, string] => [name, fingerprint]);
  const learnt = `Learnt from ${trainSplits.join(', ')}; the checkpoint was chosen on ${valSplit}; the test split was not looked at.`;
  return [learnt, ...(dataset ? [countsText(dataset)] : []), bare(rows)].join('\n\n');
}

function countsText({ name, images }: Dataset): string {
  const splits = [...new Set(images.map(({ split }) => split))];
  const counts = splits.map((split) => {
    const some = images.filter((image) => image.split === split);
    return `${split} ${some.length} (${some.reduce((sum, { captions }) => sum + captions.length, 0)} captions)`;
  });
  return `${name}, pictures by split: ${counts.join(', ')}.`;
}

function scoresText({ scores, trained }: CardMember): string {
  const entries = Object.entries(scores);
  if (entries.length === 0) return 'This checkpoint was not evaluated.';
  const rows = entries.map(([name, value]): [string, string] => [name, value.toFixed(1)]);
  return `${bare(rows)}\n\nRecall@K in percent, i2t from picture to captions and t2i from caption to pictures, at step ${trained.checkpoint.step}.`;
}

function languagesText({ tokenizer }: Trained): string {
  const scripts = [...scriptsKnownTo(tokenizer)];
  const known = scripts.length === 0 ? 'no letters of any script' : `letters of these scripts: ${scripts.join(', ')}`;
  return `Its vocabulary has ${known}. It understands the language of the captions it learnt from and no other.`;
}

const intendedUse =
  'Searching collections of pictures like those it learnt from: pictures for a text, texts for a picture, pictures like a ' +
  'picture. Vectors are compared with vectors of this model alone; the fingerprint tells.';

function limits({ tokenizer }: Trained): string {
  const unknown =
    tokenizer.unknownId === undefined
      ? 'Rare words are spelt in pieces it may never have seen together.'
      : 'Words outside of its vocabulary count as one unknown word.';
  return [
    `- ${unknown}`,
    '- A score is no probability: a perfect match may have 0.3, and something is always the best match, also for what is in no picture.',
    '- What its captions leave out, take for granted or judge wrongly, it has learnt. It is not for decisions about people.',
    '- Its recalls hold for data like its own; on other pictures they are lower.',
  ].join('\n');
}

function howMade({ members, command, verification, manifest }: CardFacts): string {
  const trainings = members.flatMap(({ trained }) => trained.record.sessions.map((session) => session.command));
  const commands = [...trainings, command];
  const lines = commands.filter(({ length }) => length > 0).map((words) => commandText(['diptych', ...words]));
  const { diptych, node, onnxruntime } = manifest.versions;
  const from = verification.inputs === 'val' ? 'the validation split' : 'inputs drawn from a seed';
  const rows = Object.entries({
    images: verification.images,
    texts: verification.texts,
    pictures: verification.pictures,
  });
  return [
    ...(lines.length > 0 ? [`\`\`\`\n${lines.join('\n')}\n\`\`\``] : []),
    `Exported by diptych ${diptych} on Node ${node} with ONNX Runtime ${onnxruntime}, and compared with the trained graph on ${from} (allowed: ${ALLOWED}):`,
    bare(rows.flatMap(([name, one]): [string, string][] => (one ? [[name, comparisonText(one)]] : []))),
  ].join('\n\n');
}

/** `128, largest difference 2.1e-7, smallest cosine 0.9999999`. */
export function comparisonText({ count, difference, cosine }: Comparison): string {
  return `${count}, largest difference ${difference.toExponential(1)}, smallest cosine ${cosine.toFixed(7)}`;
}

function howToUse(manifest: Manifest): string {
  const { name, shape } = imageInput(manifest.images);
  const range = name === 'pixels' ? '0 to 255, prepared as `preprocessing.json` says' : 'of the backbone';
  return [
    '```\ndiptych index create INDEX PICTURES --bundle THIS-FOLDER\ndiptych search "a text" --index INDEX\n```',
    'Or with any ONNX Runtime (operator set 20, standard operators alone):',
    `- \`image.onnx\`: \`${name}\` float32 [images, ${shape.join(', ')}], ${range}, to \`embedding\` float32 [images, ${manifest.dimension}];\n` +
      `- \`text.onnx\`: \`ids\` int32 [texts, tokens] padded at the end and \`lengths\` int32 [texts], to \`embedding\` float32 [texts, ${manifest.dimension}].`,
    'Vectors have unit length. `tokenizer.json` holds the ids; what stands beyond a length changes nothing.',
  ].join('\n\n');
}

function table(heading: string, rows: readonly (readonly [string, string])[]): string {
  return `## ${heading}\n\n${bare(rows)}`;
}

function bare(rows: readonly (readonly [string, string])[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  return ['| | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${cell(name)} | ${cell(value)} |`)].join('\n');
}
