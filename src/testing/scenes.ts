/** @file A small real training run for tests and benchmarks: drawn scenes, a tiny pixel tower, everything random switched on. */
import { writeDemoDataset } from '../demo/write.ts';

/** Draws scenes into a folder: enough for two epochs of a few steps. */
export async function drawTinyScenes(folder: string, train = 48): Promise<string> {
  await writeDemoDataset(folder, { train, val: 12, test: 12, seed: 5, size: 32 });
  return folder;
}

/** Options of `train` by dotted name: towers of 32 dimensions with dropout, word corruption and averaged weights. */
export const tinyOptions = {
  'tokens.minimumCount': '1',
  'embedding.dimension': '32',
  'image.kind': 'pixels',
  'image.imageSize': '32',
  'image.patchSize': '8',
  'image.width': '32',
  'image.layers': '1',
  'image.heads': '2',
  'image.dropout': '0.1',
  'image.pooling': 'mean',
  'text.wordDimension': '16',
  'text.dropout': '0.1',
  'text.pooling': 'meanMax',
  'optimiser.averageDecay': '0.9',
  'schedule.warmupSteps': '4',
  'training.batchSize': '16',
  'training.epochs': '2',
  'training.logEvery': '3',
  'machine.threads': '1',
} as const;

/** The same as words of a command. */
export function flagsOf(options: Readonly<Record<string, string>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    value,
  ]);
}
