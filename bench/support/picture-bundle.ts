/** @file A bundle over MobileNetV2, trained for a moment: what it knows is little, what it costs is what any other costs. */
import { join } from 'node:path';
import { exportBundle } from '../../src/bundle/export.ts';
import { resolve } from '../../src/config/resolve.ts';
import type { Dataset, ImageRecord } from '../../src/data/dataset.ts';
import { extractFeatures } from '../../src/data/features/extract.ts';
import { readPreprocessing } from '../../src/data/images/preprocessing.ts';
import { trainingPresets } from '../../src/methods/presets.ts';
import { trainingSchema } from '../../src/methods/schema.ts';
import { silent } from '../../src/system/progress.ts';
import { startTraining } from '../../src/training/setup/start.ts';

const TRAIN = 48;
const VAL = 16;

/**
 * Trains on a few pictures of a data set and exports.
 *
 * @param place path of the data set
 * @param backbone ONNX file of MobileNetV2
 * @returns folder of the bundle
 */
export async function pictureBundle(
  folder: string,
  place: string,
  dataset: Dataset,
  backbone: string,
): Promise<string> {
  const few = (split: ImageRecord['split'], count: number) =>
    dataset.images.filter((image) => image.split === split).slice(0, count);
  const some = { ...dataset, images: [...few('train', TRAIN), ...few('val', VAL)] };
  const [features, run, out] = ['few.npy', 'run', 'bundle'].map((name) => join(folder, name));
  const preprocessing = await readPreprocessing('mobilenet-v2');
  await extractFeatures({ images: some.images, backbone, preprocessing, out: features });
  const content = {
    data: { path: place },
    features: { file: features },
    tokens: { minimumCount: 1 },
    training: { batchSize: 16, steps: 2, evaluateEvery: 2, evaluateUnit: 'steps' },
  };
  await startTraining({
    values: resolve(trainingSchema, {
      presets: trainingPresets,
      preset: 'vse-infonce',
      file: { path: 'bench', content },
    }),
    dataset: some,
    folder: run,
    command: [],
    progress: silent,
    signal: new AbortController().signal,
  });
  await exportBundle({ run, out, dataset: undefined, features, backbone });
  return out;
}
