/** @file CODER as presets: the method, what it is built up from, and what small data need. */
import type { PartialValuesOf } from '../../config/option.ts';
import type { Preset } from '../../config/presets.ts';
import { shortTraining } from '../../config/short-training.ts';
import type { EngineMembers } from '../../config/training.ts';
import type { objectiveOptions } from '../composition-options.ts';
import type { coderGroup } from './options.ts';

export type CoderMembers = EngineMembers & {
  objectives: typeof objectiveOptions;
  coder: typeof coderGroup;
};
type Values = PartialValuesOf<CoderMembers>;

/** VSE-infinity's towers under the recipe of USER, whose group and queues are CODER's. */
const base = {
  objectives: { terms: ['coder'] },
  tokens: { minimumCount: 4, length: 32 },
  embedding: { dimension: 1024 },
  image: { kind: 'grid', mlp: true, pooling: 'gpo' },
  text: { kind: 'bigru', wordDimension: 300, pooling: 'gpo' },
  augmentation: { regionDrop: 0.2, wordDrop: 0.2, wordShares: [0.5, 0, 0.5] },
  optimiser: { kind: 'adamw', learningRate: 5e-4, weightDecay: 1e-4, clipNorm: 2 },
  schedule: { kind: 'step', milestones: [10], gamma: 0.1, warmupSteps: 1000 },
  training: { batchSize: 128, epochs: 20 },
} as const satisfies Values;

/** For thousands of images: short, a queue that holds fewer of them, copies that leave their beginning in time. */
const small = {
  ...shortTraining,
  objectives: base.objectives,
} as const satisfies Values;
const smallKeys = { queue: 1024, momentum: 0.99 } as const;

const notes = `Reconstructed from the abstract of arXiv 2208.09843 (Wang et al., ECCV 2022): its blocks are the paper's, every
formula, size and weight is not, and no number measured with it is the paper's. Queues, momentum, optimiser and schedule are
those of USER, the towers those of VSE-infinity with its BiGRU (the headline numbers sit just above that model with BERT), the
concept branch is exact for CVSE, the first author's earlier code. One epoch of warm-up is 1,000 steps, as on Flickr30K.`;

/** Each step of the build-up adds one part to the one before. */
function step(
  name: string,
  number: number,
  summary: string,
  coder: NonNullable<Values['coder']>,
): Preset<CoderMembers> {
  return {
    name,
    summary: `step ${number} towards coder-small: ${summary}`,
    notes: 'A step of the build-up that makes each claim testable, with the values of coder-small.',
    expect: 'Flickr8k: compare with the step before, in the same minutes.',
    values: { ...small, coder: { keys: smallKeys, ...coder } },
  };
}

export const coderPresets: readonly Preset<CoderMembers>[] = [
  {
    name: 'coder',
    summary: 'queues of momentum keys, adaptive weights, concepts and pseudo labels',
    notes,
    expect: `The paper reports rSum 520.9 on Flickr30K (test, BERT, region features), which this is not. Above vse-infinity in as
many epochs.`,
    values: { ...base, coder: {} },
  },
  {
    name: 'coder-small',
    summary: 'the method for thousands of images rather than a hundred thousand',
    notes: `${notes} For small data: 512 dimensions, a cosine to zero in 5 epochs, queues of 1,024, momentum 0.99, 128 clusters; the
concept branch counts a fifth and its clusters a tenth, since at their full weights they cost a model of heads ten points of rSum
and at these none (reconstructed).`,
    expect: `Flickr8k, MobileNetV2 grid, 256 dimensions, seed 0, without the branch (coder-dcl): val rSum 232.9, where vse-infonce has
233.3, in 1.4 times the time.`,
    values: {
      ...small,
      coder: { keys: smallKeys, concepts: { weight: 0.2 }, clusters: { prototypes: 128, weight: 0.1 } },
    },
  },
  step('coder-queue', 1, 'InfoNCE with queues of momentum keys', {
    contrast: { sharpness: 0 },
    concepts: { branch: false },
  }),
  step('coder-dcl', 2, 'negatives weighed by the spread of their scores', { concepts: { branch: false } }),
  step('coder-concepts', 3, 'the branch that asks the graph of concepts', {
    concepts: { weight: 0.2 },
    clusters: { labels: 'none' },
  }),
];
