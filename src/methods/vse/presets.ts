/** @file Presets of the VSE family, each a page of a lab book: what it is, where its values come from, what to expect. */
import type { Preset } from '../../config/presets.ts';
import { shortTraining } from '../../config/short-training.ts';
import type { EngineMembers } from '../../config/training.ts';

const vsePlusPlus: Preset<EngineMembers> = {
  name: 'vse++',
  summary: 'hinge over the hardest negatives, max pooling, no perceptron',
  notes: `VSE++ (Faghri et al., BMVC 2018) carried over to regions or a grid. From its official code: margin 0.2, Adam at
2e-4, divided by ten after 15 of 30 epochs, batches of 128, 1,024 dimensions, words of 300, gradients clipped to 2, no
augmentation. Ours: the paper has one vector of a picture and the last state of one GRU; here the largest value over
the cells and over the states of a GRU in both directions stands for them. One epoch over all negatives comes
first, which the paper does without: from random towers the hardest negatives alone may collapse.`,
  expect: `On Flickr30K the paper reports rSum 409.8 on test (ResNet-152, fine-tuned), a re-implementation on region features
442.3. On the MobileNetV2 grid of Flickr8k, expect less than vse-infinity shows in as many epochs.`,
  values: {
    tokens: { minimumCount: 4, length: 32 },
    embedding: { dimension: 1024 },
    image: { kind: 'grid', mlp: false, pooling: 'max' },
    text: { kind: 'bigru', wordDimension: 300, pooling: 'max' },
    augmentation: { regionDrop: 0, wordDrop: 0 },
    features: { viewProbability: 0 },
    loss: { kind: 'hinge-hardest', margin: 0.2, warmupEpochs: 1 },
    optimiser: { kind: 'adam', learningRate: 2e-4, weightDecay: 0, clipNorm: 2 },
    schedule: { kind: 'step', milestones: [15], gamma: 0.1, warmupSteps: 0 },
    training: { batchSize: 128, epochs: 30 },
  },
};

const vseInfinity: Preset<EngineMembers> = {
  name: 'vse-infinity',
  summary: 'learnt pooling (GPO), size augmentation, hinge over the hardest negatives after one epoch over all',
  notes: `VSE-infinity (Chen et al., CVPR 2021) with its BiGRU branch. From its official code: GPO on both sides, a residual
perceptron with batch normalisation beside the projection, a fifth of the regions and of the words left out, margin 0.2,
AdamW at 5e-4 with decay 1e-4, divided by ten after 15 of 25 epochs, batches of 128, 1,024 dimensions, words of 300,
gradients clipped to 2. Words that are left out are half unknown, half removed: a counted vocabulary has no mask.`,
  expect: `On Flickr30K with region features the paper reports rSum 498.1 on test. On the MobileNetV2 grid of Flickr8k the
towers are learning by heart after about seven epochs; the best checkpoint is kept.`,
  values: {
    tokens: { minimumCount: 4, length: 32 },
    embedding: { dimension: 1024 },
    image: { kind: 'grid', mlp: true, pooling: 'gpo' },
    text: { kind: 'bigru', wordDimension: 300, pooling: 'gpo' },
    augmentation: { regionDrop: 0.2, wordDrop: 0.2, wordShares: [0.5, 0, 0.5] },
    loss: { kind: 'hinge-hardest', margin: 0.2, warmupEpochs: 1 },
    optimiser: { kind: 'adamw', learningRate: 5e-4, weightDecay: 1e-4, clipNorm: 2 },
    schedule: { kind: 'step', milestones: [15], gamma: 0.1, warmupSteps: 0 },
    training: { batchSize: 128, epochs: 25 },
  },
};

const vseInfoNce: Preset<EngineMembers> = {
  name: 'vse-infonce',
  summary: 'learnt pooling (GPO), InfoNCE at a fixed temperature, cosine schedule: quick and good on small data',
  notes: `The towers of vse-infinity at half the width, under the loss of CLIP (Radford et al. 2021): all negatives of the batch
count at once, so no epoch is spent on warming up to the hardest. Ours: the temperature stays at 0.07, where CLIP learns it
(\`--learn-temperature\`): learnt, it falls to 0.052 and costs 4 points of rSum. Ours: AdamW at 5e-4 rising over 100 steps and falling along a cosine to zero in 5 epochs, decay 1e-4,
gradients clipped to 2, a fifth of the cells and of the words left out, the words half unknown, half removed.
The short schedule is the regulariser: on 30,000 captions ten epochs are worse than five, unless pictures have views.`,
  expect: `Flickr8k, MobileNetV2 grid of 49 x 1280: with four further views and 256 dimensions val rSum 233.3, 232.2 and 225.6 with
seeds 0 to 2, and 245.0 with seed 0 and \`--epochs 10\`. With a learnt temperature, no views and 512 dimensions 228.8, 221.7 and 229.6 (PyTorch so: 230.6 at its best).`,
  values: shortTraining,
};

const demo: Preset<EngineMembers> = {
  name: 'demo',
  summary: 'a small pixel tower and a small GRU, trained from scratch on drawn scenes in minutes',
  notes: `Nothing pretrained: patches of 8 pixels through Transformer layers, words through a GRU, InfoNCE. Drawn scenes are
easy to see and hard to tell apart, so the width goes into attention rather than into the embedding. The words are few:
each is seen often, and none is left out of the vocabulary.`,
  expect: `On the scenes that \`diptych demo\` draws: val rSum about 540 after 4 epochs (chance is 11), within 2 minutes on 2 idle cores (97 s seen).`,
  values: {
    tokens: { minimumCount: 1, length: 40 },
    embedding: { dimension: 128 },
    image: {
      kind: 'pixels',
      imageSize: 64,
      patchSize: 8,
      width: 128,
      layers: 3,
      heads: 4,
      pooling: 'meanMax',
      dropout: 0,
    },
    text: { kind: 'bigru', wordDimension: 64, pooling: 'meanMax' },
    augmentation: { wordDrop: 0 },
    loss: { kind: 'infonce', temperature: 0.07, learnTemperature: true },
    optimiser: { kind: 'adamw', learningRate: 1e-3, weightDecay: 1e-2, clipNorm: 2 },
    schedule: { kind: 'cosine', warmupSteps: 100, floor: 0 },
    training: { batchSize: 128, epochs: 8 },
  },
};

export const vsePresets: readonly Preset<EngineMembers>[] = [vsePlusPlus, vseInfinity, vseInfoNce, demo];
