/** @file ICC as presets: the feature variant, the same for little data, and the pixel variant. */
import type { PartialValuesOf } from '../../config/option.ts';
import type { Preset } from '../../config/presets.ts';
import { shortTraining } from '../../config/short-training.ts';
import type { TrainingMembers } from '../schema.ts';

type Values = PartialValuesOf<TrainingMembers>;

const notes = `Reconstructed from the abstract of Zhu and Li, PRMVIA 2023: that there are a cross-modal and two uni-modal contrastive
losses, stages, and iterated clustered hard negatives is the paper's; every formula, size, weight and schedule is taken from
published methods (CLIP, SLIP, SimCSE, EDA, NV-Retriever, HREM's neighbour batches) or chosen here. No number measured with it is
the paper's.`;

const common = {
  objectives: { terms: ['icc'] },
  embedding: { dimension: 512 },
  tokens: { minimumCount: 4, length: 64 },
  optimiser: { kind: 'adamw', betas: [0.9, 0.98], learningRate: 1e-3, weightDecay: 0.02, clipNorm: 1 },
  schedule: { kind: 'cosine', warmupSteps: 100, floor: 0 },
} as const satisfies Values;

export const iccPresets: readonly Preset<TrainingMembers>[] = [
  {
    name: 'icc',
    summary: 'contrast across and inside modalities on two views, in four stages, the last on clustered batches',
    notes: `${notes} The feature variant, for a frozen grid and a BiGRU: both learn from scratch, so nothing is frozen and all learn
at the rate of heads. For thousands of images: smaller uni-modal heads, shorter stages.`,
    expect: 'Flickr8k, MobileNetV2 grid with views: compare with vse-infonce in the same minutes.',
    values: {
      ...common,
      image: { kind: 'grid', mlp: true, pooling: 'gpo', dropout: 0.1 },
      text: { kind: 'bigru', wordDimension: 300, pooling: 'gpo', dropout: 0.1 },
      augmentation: { regionDrop: 0.2, wordDrop: 0 },
      features: { viewProbability: 0.8 },
      icc: {
        cross: { views: 'same' },
        image: { weight: 0.3 },
        text: { weight: 0.3 },
        heads: { hidden: 1024, output: 256 },
        stages: { adaptation: 0.5, alignment: 0.5, rates: [1, 1, 1, 0.3] },
      },
      clusters: { start: 8, epochs: 1 },
      training: { batchSize: 128, epochs: 12 },
    },
  },
  {
    name: 'icc-small',
    summary: 'the three contrasts of icc at once, over the towers and the short schedule of vse-infonce',
    notes: `${notes} For thousands of images: all three losses from the first step, the uni-modal ones at a tenth, small heads, a
temperature that stays at 0.07, 512 dimensions and a cosine to zero in 5 epochs. Clustered batches join by \`--clusters-from 4\`.`,
    expect: `Flickr8k, MobileNetV2 grid with views, 256 dimensions, seed 0: val rSum 239.4, where vse-infonce has 233.3, in 1.9 times the
time; 220.2 against 207.7 after two epochs; with a learnt temperature 233.4. With \`--epochs 10\`, seeds 0 to 2, 247.5 ± 2.0 against 245.1 ± 4.3.`,
    values: {
      ...shortTraining,
      objectives: common.objectives,
      icc: {
        cross: { learnTemperature: false },
        image: { weight: 0.1 },
        text: { weight: 0.1 },
        heads: { hidden: 256 },
        stages: { scheme: 'joint', rates: [1, 1, 1, 0.3] },
      },
    },
  },
  {
    name: 'icc-pixels',
    summary: 'the pixel variant: patches and augmented pictures in place of a stored grid',
    notes: `${notes} The weak view meets the captions, the strong one, with colours and sides changed, the images alone.`,
    expect: 'Needs many pictures, or pretrained towers: see --image-tower pretrained.',
    values: {
      ...common,
      image: { kind: 'pixels', dropout: 0.1 },
      text: { kind: 'transformer', dropout: 0.1 },
      augmentation: { wordDrop: 0 },
      icc: {
        cross: { views: 'first' },
        heads: { hidden: 1024, output: 256 },
        stages: { adaptation: 2, alignment: 1 },
      },
      clusters: { start: 20, epochs: 2 },
      training: { batchSize: 128, epochs: 30 },
    },
  },
];
