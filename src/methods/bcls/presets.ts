/** @file BCLS as presets: values that a run takes. */
import type { PartialValuesOf } from '../../config/option.ts';
import type { Preset } from '../../config/presets.ts';
import { shortTraining } from '../../config/short-training.ts';
import type { EngineMembers } from '../../config/training.ts';
import type { objectiveOptions } from '../composition-options.ts';
import type { relevanceOptions, tripletOptions } from './options.ts';

export type BclsMembers = EngineMembers & {
  objectives: typeof objectiveOptions;
  relevance: typeof relevanceOptions;
  triplet: typeof tripletOptions;
};

/** VSE++ on stored features, the one base that the paper's tables are known to have, under the recipe of the same authors. */
const base = {
  objectives: { terms: ['triplet'] },
  tokens: { minimumCount: 4, length: 32 },
  embedding: { dimension: 1024 },
  image: { kind: 'grid', mlp: false, pooling: 'max' },
  text: { kind: 'bigru', wordDimension: 300, pooling: 'max' },
  augmentation: { regionDrop: 0, wordDrop: 0 },
  features: { viewProbability: 0 },
  optimiser: { kind: 'adam', learningRate: 5e-4, weightDecay: 0, clipNorm: 2 },
  schedule: { kind: 'constant', warmupSteps: 0 },
  training: { batchSize: 128, epochs: 20 },
} as const satisfies PartialValuesOf<BclsMembers>;

export const bclsPresets: readonly Preset<BclsMembers>[] = [
  {
    name: 'bcls',
    summary: 'soft-negative triplet loss, and captions ranked by graded relevance',
    notes: `Reconstructed from the abstract of arXiv 2210.11319 (Li et al. 2022) and from later code of its first author; no number
measured with it is the paper's. Log-sum-exp over negatives (margin 0.2, temperature 0.01), and each candidate against the
hardest that is an eighth of the batch less relevant. Relevance is CIDEr between captions, which needs no model; with
\`--relevance-labels encoder\` or \`vectors\`, sentence vectors take its place (all-mpnet-base-v2 in a sibling work). Batches of
128, Adam at 5e-4, gradients clipped to 2, 20 epochs without decay are those of the later code.`,
    expect: `Scores that correlate better with relevance on val than those of the same run with \`--relevance-weight 0\`. The paper's
gain is known second-hand for ECCV Caption only: mAP@R 29.55 to 30.5 over VSE++.`,
    values: { ...base, relevance: { weight: 1 } },
  },
  {
    name: 'bcls-successor',
    summary: 'hardest-negative triplet loss and the gap form, as later code of the same author has them',
    notes: `"Image-Text Matching Beyond Binary Supervision" (2023): pairs of candidates whose relevance differs by more than 0.3,
weight 1, no window, B³ comparisons. Text to image goes by transposed relevance, which that code does not.`,
    expect: 'What bcls shows, without a window: the ablation of its sampling.',
    values: { ...base, relevance: { weight: 1, ranking: 'gap' }, triplet: { negatives: 'hardest' } },
  },
  {
    name: 'bcls-small',
    summary:
      'graded labels of BCLS beside the loss, towers and short schedule of vse-infonce, for thousands of pictures',
    notes: `The binary part is InfoNCE, which is a soft-negative loss as well and leaves random towers sooner than triplets do;
towers, 512 dimensions and the cosine to zero in 5 epochs are those of vse-infonce. All of that is ours (reconstructed).
\`--objectives triplet --triplet-temperature 0.05 --relevance-weight 0.1\` has Triplet-SN in its place.`,
    expect: `Flickr8k, MobileNetV2 grid with views, 256 dimensions, seed 0: val rSum 234.6 and tau 0.186, where vse-infonce has 233.3;
with \`--epochs 10\` 244.1 and 245.0.
With learnt temperatures 230.6 and 0.185, where \`--relevance-weight 0\` has 229.6 and 0.181.`,
    values: {
      ...shortTraining,
      relevance: { weight: 1 },
    },
  },
];
