/** @file The options that every training has, as one schema, and what holds between them. Methods add groups of their own: `methods/schema.ts`. */
import { fineTuningOptions, headOptions } from './encoder-options.ts';
import { machine } from './machine.ts';
import type { ValuesOf } from './option.ts';
import { defineSchema } from './schema.ts';
import { augmentation } from './training/augmentation.ts';
import { data, features, tokens } from './training/data.ts';
import { embedding } from './training/embedding.ts';
import { image } from './training/image.ts';
import { training } from './training/length.ts';
import { loss } from './training/loss.ts';
import { optimiser } from './training/optimiser.ts';
import { run } from './training/run.ts';
import { schedule } from './training/schedule.ts';
import { text } from './training/text.ts';

const groups = {
  data,
  features,
  tokens,
  embedding,
  image,
  text,
  heads: headOptions,
  fineTuning: fineTuningOptions,
  augmentation,
  loss,
  optimiser,
  schedule,
  training,
  run,
  machine,
};

/** Kinds of image towers that read pixels rather than stored features. */
export function readsPictures(kind: string): boolean {
  return kind === 'pixels' || kind === 'pretrained';
}

/** What is said of the folder of a model, on both sides. */
type Models = Readonly<Record<'image' | 'text', { readonly kind: string; readonly model: string | null }>>;

function modelFault(values: Models, side: 'image' | 'text'): string | undefined {
  const { kind, model } = values[side];
  const needed = kind === 'pretrained' || (kind === 'vector' && side === 'text');
  if (needed && model === null) return `the ${kind} tower needs the folder of a model: --${side}-model FOLDER`;
  return !needed && model !== null ? `the ${kind} tower has no use for the folder of a model` : undefined;
}

export const engineSchema = defineSchema(groups, [
  {
    options: ['data.valSplit'],
    check: ({ data }) =>
      data.valSplit === 'test' ? 'the test split never chooses a model; take val, or split the rest' : undefined,
  },
  {
    options: ['data.trainSplits', 'data.valSplit'],
    check: ({ data }) =>
      data.trainSplits.includes(data.valSplit) ? 'a split is either trained on or evaluated on' : undefined,
  },
  {
    options: ['data.trainSplits'],
    check: ({ data }) => (data.trainSplits.includes('test') ? 'the test split is never trained on' : undefined),
  },
  {
    options: ['image.imageSize', 'image.patchSize'],
    check: ({ image }) =>
      image.kind === 'pixels' && image.imageSize % image.patchSize !== 0
        ? `${image.imageSize} pixels are no whole number of patches of ${image.patchSize}`
        : undefined,
  },
  {
    options: ['image.width', 'image.heads'],
    check: ({ image }) =>
      image.kind === 'pixels' && image.width % image.heads !== 0
        ? `width ${image.width} cannot be shared evenly by ${image.heads} heads`
        : undefined,
  },
  {
    options: ['text.width', 'text.heads'],
    check: ({ text }) =>
      text.kind === 'transformer' && text.width % text.heads !== 0
        ? `width ${text.width} cannot be shared evenly by ${text.heads} heads`
        : undefined,
  },
  {
    options: ['schedule.floor', 'optimiser.learningRate'],
    check: ({ schedule, optimiser }) =>
      schedule.kind === 'cosine' && schedule.floor > optimiser.learningRate
        ? 'the floor lies above the learning rate'
        : undefined,
  },
  {
    options: ['run.resume', 'run.directory'],
    check: ({ run }) => (run.resume && run.directory === null ? 'name the folder of the run to resume' : undefined),
  },
  {
    options: ['run.fromStep', 'run.resume'],
    check: ({ run }) => (run.fromStep !== null && !run.resume ? 'only a run that is resumed has steps' : undefined),
  },
  {
    options: ['run.extendTo', 'run.resume'],
    check: ({ run }) => (run.extendTo !== null && !run.resume ? 'only a run that is resumed is extended' : undefined),
  },
  {
    options: ['augmentation.wordShares'],
    check: ({ augmentation }) =>
      augmentation.wordShares.every((share) => share === 0) ? 'one of the three shares must be above 0' : undefined,
  },
  {
    options: ['image.kind', 'features.file'],
    check: ({ image, features }) =>
      readsPictures(image.kind) && features.file !== null
        ? `a tower of kind ${image.kind} reads pictures, not features`
        : undefined,
  },
  ...(['image', 'text'] as const).map((side) => ({
    options: [`${side}.kind`, `${side}.model`],
    check: (values: Models) => modelFault(values, side),
  })),
]);

export type EngineMembers = (typeof engineSchema)['members'];
/** Values of these options. */
export type EngineValues = ValuesOf<EngineMembers>;
