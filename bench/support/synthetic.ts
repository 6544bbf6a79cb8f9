/** @file Training steps of any preset on drawn data: compiled as a run compiles them, timed one by one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from '../../src/config/resolve.ts';
import type { ImageRecord } from '../../src/data/dataset.ts';
import { captionImageRows, captionsOf } from '../../src/data/relation.ts';
import { countVocabulary } from '../../src/data/tokens/vocabulary.ts';
import { toFloat16 } from '../../src/files/float16.ts';
import type { Program } from '../../src/graph/compile.ts';
import type { NamedTensors } from '../../src/graph/runtime/protocol.ts';
import { Runtime } from '../../src/graph/runtime/runtime.ts';
import type { TensorData } from '../../src/graph/values.ts';
import { relevanceFeeds } from '../../src/methods/bcls/feeds.ts';
import { openRelevance } from '../../src/methods/bcls/relevance/open.ts';
import { gatherConcepts } from '../../src/methods/coder/facts.ts';
import { iccName } from '../../src/methods/icc/objective.ts';
import { trainingPresets } from '../../src/methods/presets.ts';
import { trainingSchema } from '../../src/methods/schema.ts';
import { Random } from '../../src/random/random.ts';
import { CaptionSide, widthsUpTo } from '../../src/training/batches/captions.ts';
import { type PairSource, pairBatch } from '../../src/training/batches/pairs.ts';
import { RegionSide } from '../../src/training/batches/regions.ts';
import { compileTrainingStep } from '../../src/training/program/step.ts';
import { planOf } from '../../src/training/setup/blueprint.ts';
import { initialState } from '../../src/training/setup/initial-state.ts';
import { readsTeacher, withTeacher } from '../../src/training/setup/rounds.ts';
import { withViews } from '../../src/training/setup/views.ts';

/** Form of the drawn data. */
export interface Shape {
  readonly regions: number;
  readonly width: number;
  readonly dtype: 'float16' | 'float32';
  /** Words of the captions. */
  readonly words: number;
  /** Fewest and most words of a caption, marks not counted. */
  readonly lengths: readonly [number, number];
}

/** A step that can be run again and again. */
export interface Subject {
  readonly name: string;
  readonly program: Program;
  readonly state: NamedTensors;
  readonly batches: readonly NamedTensors[];
}

const IMAGES = 400;
const CAPTIONS = 2;
const BATCHES = 4;

/**
 * The last stage of a preset as a program, with batches for it.
 *
 * @param options over those of the preset, by dotted name
 */
export async function subjectOf(
  name: string,
  preset: string,
  options: Readonly<Record<string, string>>,
  shape: Shape,
): Promise<Subject> {
  const flags = { 'data.path': 'drawn', 'tokens.minimumCount': '1', ...options };
  const values = resolve(trainingSchema, { presets: trainingPresets, preset, flags });
  const images = drawnImages(shape);
  const captions = captionsOf(images).map(({ text }) => text);
  const tokenizer = countVocabulary(captions, { minimumCount: 1 });
  const longest = shape.lengths[1] + 2;
  const { regions, width, dtype } = shape;
  const table = 'encoder.words.weight';
  const facts = {
    vocabulary: tokenizer.size,
    longest,
    features: { regions, width, dtype },
    concepts: values.objectives.terms.includes('coder')
      ? await gatherConcepts(values.coder, captions, { tokenizer, table })
      : undefined,
  };
  const relevance = await openRelevance({ kind: 'tfidf', aggregate: 'max' }, { images, all: images });
  const { training, stages, embedding } = planOf({ values, facts, epochLength: 200 });
  const drawn: PairSource = {
    image: new RegionSide(
      { regions, width, views: 1, dtype, read: drawnFeatures(shape) },
      { regionDrop: 0, viewProbability: 0 },
    ),
    text: new CaptionSide(
      captions.map((text) => tokenizer.tokenize(text)),
      { tokenizer, widths: widthsUpTo(longest), order: values.text.kind === 'bigru' ? 'time' : 'sequence' },
    ),
    imageOfCaption: captionImageRows(images),
    feeds: values.relevance.weight > 0 ? { relevance: relevanceFeeds(relevance) } : {},
  };
  const viewed = withViews(values, drawn, { tokenizer, longest });
  const source = readsTeacher(values)
    ? {
        ...viewed,
        feeds: { ...viewed.feeds, [iccName]: withTeacher(viewed.feeds?.[iccName], undefined, embedding.dimension) },
      }
    : viewed;
  const batches = await Promise.all(
    Array.from({ length: BATCHES }, (_, step) => batchAt(source, training.pairs, step)),
  );
  return { name, program: compileTrainingStep(training, stages.at(-1)!), state: initialState(training, 1), batches };
}

/** Milliseconds of each step after the first `warming`, and the peak of the memory in MB where the system tells it. */
export async function timed(
  { program, state, batches }: Subject,
  { steps, warming, threads }: { readonly steps: number; readonly warming: number; readonly threads: number },
): Promise<{ times: number[]; peak: number | undefined }> {
  forgetPeak();
  const runtime = await Runtime.start({ device: 'cpu', threads });
  try {
    await runtime.load(program);
    await runtime.setState(copied(state));
    const times: number[] = [];
    for (let step = 0; step < warming + steps; step++) {
      const batch = copied(batches[step % batches.length]);
      batch.set('step', { dtype: 'int32', shape: [], data: Int32Array.of(step) });
      const start = performance.now();
      await runtime.run(program.name, batch);
      times.push(performance.now() - start);
    }
    return { times: times.slice(warming), peak: peakMemory() };
  } finally {
    await runtime.close();
  }
}

/** Arrays of their own, since the runtime keeps those that it is given. */
function copied(tensors: NamedTensors): Map<string, TensorData> {
  return new Map([...tensors].map(([path, tensor]) => [path, { ...tensor, data: tensor.data.slice() } as TensorData]));
}

async function batchAt(source: PairSource, pairs: number, step: number): Promise<NamedTensors> {
  const captions = new Random('captions', step).shuffle(Int32Array.from({ length: IMAGES * CAPTIONS }, (_, i) => i));
  const batch = new Map(await pairBatch(source, captions.slice(0, pairs), { seed: 1, step }));
  return batch.set('learningRate', { dtype: 'float32', shape: [], data: Float32Array.of(1e-4) });
}

function drawnImages({ words, lengths: [least, most] }: Shape): ImageRecord[] {
  const random = new Random('drawn captions');
  const text = () =>
    Array.from({ length: least + random.integer(most - least + 1) }, () => `w${spelt(random.integer(words))}`).join(
      ' ',
    );
  return Array.from({ length: IMAGES }, (_, image) => ({
    id: `${image}`,
    split: 'train' as const,
    captions: Array.from({ length: CAPTIONS }, (_, i) => ({ id: `${image}#${i}`, text: text() })),
    metadata: {},
  }));
}

/** A number in letters: words of captions are words. */
function spelt(number: number): string {
  return [...`${number}`].map((digit) => 'abcdefghij'[Number(digit)]).join('');
}

function drawnFeatures({ regions, width, dtype }: Shape) {
  return async (image: number) => {
    const random = new Random('drawn features', image);
    const values = Float32Array.from({ length: regions * width }, () => random.bits() / 2 ** 32);
    return dtype === 'float16' ? toFloat16(values) : values;
  };
}

/** Lets the system count the peak of this process anew; does nothing where it cannot. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // The peak is then that of the whole process.
  }
}

function peakMemory(): number | undefined {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
