/** @file Presets over frozen towers, each a page of a lab book: what to try first, in a minute. */
import type { Preset } from '../../config/presets.ts';
import type { TrainingMembers } from '../schema.ts';

type TrainingPreset = Preset<TrainingMembers>;

const frozen = {
  image: { kind: 'vector' },
  text: { kind: 'vector' },
  loss: { kind: 'infonce', temperature: 0.07, learnTemperature: true },
  optimiser: { kind: 'adamw', learningRate: 1e-3, weightDecay: 1e-2, clipNorm: 0 },
  schedule: { kind: 'cosine', warmupSteps: 100, floor: 0 },
} as const;

const heads: TrainingPreset = {
  name: 'heads',
  summary: 'both towers frozen, one linear map trained on each side: a model in half a minute',
  notes: `Mean and maximum of the stored features, standardised, and sentence vectors of a frozen text model
(--text-model FOLDER, such as all-MiniLM-L6-v2) are computed once and kept; what is trained is a linear map of each to 512
dimensions, by InfoNCE over batches of 512. Half of the numbers are dropped, and four of five pictures are seen as one of
the further views, where the feature file has them (\`diptych features --views 4\`).`,
  expect: `Flickr8k, MobileNetV2 with four further views, MiniLM: val rSum 260.7 after 12 epochs, seed 0
(PyTorch with this recipe: 259.2).`,
  values: {
    ...frozen,
    embedding: { dimension: 512 },
    heads: { hidden: 0, dropout: 0.5 },
    features: { viewProbability: 0.8 },
    training: { batchSize: 512, epochs: 12, evaluateEvery: 3 },
  },
};

const headsMlp: TrainingPreset = {
  name: 'heads-mlp',
  summary: 'both towers frozen, two maps trained on each side: better, in minutes',
  notes: `As heads, with a hidden layer of 1,536 and vectors of 768, a temperature that begins at 0.05, and 30 epochs.`,
  expect: `Flickr8k, MobileNetV2 with four further views, MiniLM: val rSum about 269 (PyTorch with this recipe: 269).`,
  values: {
    ...frozen,
    embedding: { dimension: 768 },
    heads: { hidden: 1536, dropout: 0.5 },
    features: { viewProbability: 0.8 },
    loss: { kind: 'infonce', temperature: 0.05, learnTemperature: true },
    training: { batchSize: 512, epochs: 30, evaluateEvery: 3 },
  },
};

export const headsPresets = [heads, headsMlp];
