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
  expect: `Flickr8k, MobileNetV2 with four further views, MiniLM: val rSum 277.2 after 12 epochs, seed 0; 260.7
where evaluation sees one view (PyTorch so: 259.2).`,
  values: {
    ...frozen,
    embedding: { dimension: 512 },
    heads: { hidden: 0, dropout: 0.5 },
    features: { viewProbability: 0.8, averagedViews: 5 },
    training: { batchSize: 512, epochs: 12, evaluateEvery: 3 },
  },
};

const headsMlp: TrainingPreset = {
  name: 'heads-mlp',
  summary: 'both towers frozen, two maps trained on each side: better, in minutes',
  notes: `As heads, with a hidden layer of 1,536 and vectors of 768, a temperature that begins at 0.05, and 30 epochs.`,
  expect: `Flickr8k, MobileNetV2 with four further views, MiniLM: val rSum 274.9 with seed 0 where evaluation sees one view (PyTorch so:
269), 289.5 with five; four minutes.`,
  values: {
    ...frozen,
    embedding: { dimension: 768 },
    heads: { hidden: 1536, dropout: 0.5 },
    features: { viewProbability: 0.8, averagedViews: 5 },
    loss: { kind: 'infonce', temperature: 0.05, learnTemperature: true },
    training: { batchSize: 512, epochs: 30, evaluateEvery: 3 },
  },
};

const vseMiniLm: TrainingPreset = {
  name: 'vse-minilm',
  summary: 'a pretrained text model fine-tuned with the grid of a frozen backbone, under InfoNCE',
  notes: `The text tower begins as a BERT (--text-model FOLDER, such as all-MiniLM-L6-v2), which learns at a tenth of the rate;
its hidden states and the cells of the grid are mapped to 512 dimensions and pooled by half their mean and half their
maximum. A fifth of the cells and of the words is left out, words half masked and half removed, and a tenth of the pooled
vector dropped; nothing inside the text model. Batches of 128, AdamW at 5e-4 rising over 100 steps and falling along a cosine
to zero in 8 epochs; weights averaged over about a hundred steps.`,
  expect: `Flickr8k, MobileNetV2 grid without further views, MiniLM, seed 0: val rSum 179.0, 244.9, 259.7, 266.6, 266.1
after epochs 1 to 5 (PyTorch: 217.7, 247.9, 258.7, 262.1, 261.4, without averaged weights).`,
  values: {
    tokens: { length: 40 },
    embedding: { dimension: 512 },
    image: { kind: 'grid', mlp: false, pooling: 'meanMax', dropout: 0.1 },
    text: { kind: 'pretrained', pooling: 'meanMax', dropout: 0.1 },
    fineTuning: { factor: 0.1, dropout: 0 },
    augmentation: { regionDrop: 0.2, wordDrop: 0.2, wordShares: [0.5, 0, 0.5] },
    loss: { kind: 'infonce', temperature: 0.07, learnTemperature: true },
    optimiser: { kind: 'adamw', learningRate: 5e-4, weightDecay: 1e-4, clipNorm: 2, averageDecay: 0.99 },
    schedule: { kind: 'cosine', warmupSteps: 100, floor: 0 },
    training: { batchSize: 128, epochs: 8 },
  },
};

const headsTuned: TrainingPreset = {
  name: 'heads-tuned',
  summary: 'the heads of heads-mlp with the text model behind them trained too: the best in an hour on two cores',
  notes: `Begins as a finished run of heads-mlp (--warm-start RUN) and trains the text model below its head as well, at a
twentieth of the rate and slower towards the input, its word vectors not at all. Pictures stay stored vectors with their
views, so that almost all of the time goes into texts. Batches of 512; a fifth of the words left out, half masked, half
removed; weights averaged over about a hundred steps. No dropout inside the text model: the head drops half already.`,
  expect: `Flickr8k, MobileNetV2 with four further views, MiniLM: val rSum 292.5 with seed 0, after 8 epochs from heads-mlp (34 minutes on
one core).`,
  values: {
    tokens: { length: 40 },
    embedding: { dimension: 768 },
    image: { kind: 'vector' },
    text: { kind: 'pretrained' },
    heads: { hidden: 1536, dropout: 0.5 },
    fineTuning: { head: 'vector', factor: 0.05, layerDecay: 0.9, frozen: 1, dropout: 0 },
    features: { viewProbability: 0.8, averagedViews: 5 },
    augmentation: { wordDrop: 0.2, wordShares: [0.5, 0, 0.5] },
    loss: { kind: 'infonce', temperature: 0.05, learnTemperature: true },
    optimiser: { kind: 'adamw', learningRate: 1e-3, weightDecay: 1e-2, clipNorm: 2, averageDecay: 0.99 },
    schedule: { kind: 'cosine', warmupSteps: 100, floor: 0 },
    training: { batchSize: 512, epochs: 12 },
  },
};

export const headsPresets = [heads, headsMlp, vseMiniLm, headsTuned];
