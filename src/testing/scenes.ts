/** @file A small real training run for tests and benchmarks: drawn scenes, a tiny pixel tower, everything random switched on. */
import { writeSidecar } from '../data/features/sidecar.ts';
import { preprocessingSchema } from '../data/images/preprocessing.ts';
import { writeDemoDataset } from '../demo/write.ts';
import { writeNpy } from '../files/npy.ts';
import { Random } from '../random/random.ts';

/** Draws scenes into a folder: enough for two epochs of a few steps. */
export async function drawTinyScenes(folder: string, train = 48): Promise<string> {
  await writeDemoDataset(folder, { train, val: 12, test: 12, seed: 5, size: 32 });
  return folder;
}

/** Options of `train` by dotted name: towers of 32 dimensions with dropout, word corruption and averaged weights. */
export const tinyOptions = {
  'tokens.minimumCount': '1',
  'tokens.length': '12',
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

/**
 * Writes a feature file for images: numbers drawn from the id of each, as float16.
 *
 * @param shape regions and width
 */
export async function writeDrawnFeatures(
  path: string,
  ids: readonly string[],
  [regions, width]: [number, number],
): Promise<string> {
  const shape = [ids.length, regions, width];
  const data = Float32Array.from(
    ids.flatMap((id) => {
      const random = new Random('features', id);
      return Array.from({ length: regions * width }, () => random.normal());
    }),
  );
  await writeNpy(path, { dtype: 'float16', shape, data });
  const preprocessing = preprocessingSchema.parse({ resize: { width: 8, height: 8 } });
  const plan = {
    backbone: 'd'.repeat(64),
    preprocessing,
    dtype: 'float16',
    views: 0,
    seed: 0,
    images: 'drawn',
  } as const;
  await writeSidecar(path, {
    version: 1,
    plan,
    model: 'drawn.onnx',
    output: 'features',
    shape,
    ids: [...ids],
    unreadable: [],
  });
  return path;
}

/** Options of `train` beside `tinyOptions` for a tower over such features. */
export const gridOptions = {
  'image.kind': 'grid',
  'image.pooling': 'gpo',
  'text.pooling': 'gpo',
  'augmentation.regionDrop': '0.2',
  'loss.kind': 'hinge-hardest',
} as const;
