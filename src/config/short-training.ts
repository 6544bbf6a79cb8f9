/**
 * @file Towers and schedule for thousands of pictures. The small presets of all methods share them with `vse-infonce`, so that they
 * differ from it in their method alone.
 */
import type { PartialValuesOf } from './option.ts';
import type { EngineMembers } from './training.ts';

/**
 * VSE-infinity's towers at half the width, along a cosine to zero in 5 epochs: see the notes of `vse-infonce`. The temperature
 * stands still: learnt, it falls to 0.052, and rSum with it by 4 points.
 */
export const shortTraining = {
  tokens: { minimumCount: 4, length: 32 },
  embedding: { dimension: 512 },
  image: { kind: 'grid', mlp: true, pooling: 'gpo' },
  text: { kind: 'bigru', wordDimension: 300, pooling: 'gpo' },
  loss: { kind: 'infonce', temperature: 0.07, learnTemperature: false },
  augmentation: { regionDrop: 0.2, wordDrop: 0.2, wordShares: [0.5, 0, 0.5] },
  optimiser: { kind: 'adamw', learningRate: 5e-4, weightDecay: 1e-4, clipNorm: 2 },
  schedule: { kind: 'cosine', warmupSteps: 100, floor: 0 },
  training: { batchSize: 128, epochs: 5 },
} as const satisfies PartialValuesOf<EngineMembers>;
