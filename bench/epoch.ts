/**
 * @file A real epoch: Flickr8k, MobileNetV2 grid of 49 x 1280, d = 512, batch 128, GPO, size augmentation, evaluation included;
 * ours against `peers/vse_torch.py` with the same features and recipe.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolve } from '../src/config/resolve.ts';
import { readDataset } from '../src/data/dataset.ts';
import { extractFeatures } from '../src/data/features/extract.ts';
import { readPreprocessing } from '../src/data/images/preprocessing.ts';
import { trainingPresets } from '../src/methods/presets.ts';
import { trainingSchema } from '../src/methods/schema.ts';
import { silent } from '../src/system/progress.ts';
import { hasShared, sharedPath } from '../src/testing/shared.ts';
import { startTraining } from '../src/training/setup/start.ts';
import { peerOutput } from './support/peer.ts';

const DATA = 'data/flickr8k';
const MODEL = 'models/mobilenet_v2_1.0_224.onnx';

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const missing = [DATA, MODEL].find((path) => !hasShared(path));
  if (missing !== undefined) throw new Error(`this benchmark needs ${sharedPath(missing)}`);
  const features = await flickrFeatures();
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
  try {
    const dataset = await readDataset(sharedPath(DATA), { images: false });
    const content = { data: { path: sharedPath(DATA) }, features: { file: features }, training: { epochs: 1 } };
    const values = resolve(trainingSchema, {
      presets: trainingPresets,
      preset: 'vse-infonce',
      file: { path: 'bench', content },
    });
    const signal = new AbortController().signal;
    const { steps, seconds, best } = await startTraining({
      values,
      dataset,
      folder: join(folder, 'run'),
      command: [],
      progress: silent,
      signal,
    });
    const pairs = steps * values.training.batchSize;
    process.stderr.write(`ours: ${seconds.toFixed(1)} s, val rSum ${best?.rsum.toFixed(1)}\n`);

    symlinkSync(features, join(folder, 'flickr8k_ims.npy'));
    const printed = peerOutput('vse_torch.py', [folder, '--loss', 'nce', '--pool', 'gpo', '--epochs', '1']) ?? '';
    const [, peerSeconds] = /epoch 0 loss \S+ (\d+)s/.exec(printed) ?? [];
    process.stderr.write(printed);
    const [ours, peer] = [pairs / seconds, peerSeconds ? pairs / Number(peerSeconds) : 0];
    return { name: 'epoch', ours, peer, ratio: peer === 0 ? 0 : ours / peer, unit: 'pairs/s' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Features of all photos, made once and kept in the checkout's cache; `DIPTYCH_BENCH_FEATURES` names a file made before. */
export async function flickrFeatures(): Promise<string> {
  const given = process.env.DIPTYCH_BENCH_FEATURES;
  if (given) return given;
  const out = join(import.meta.dirname, '..', '.cache', 'flickr8k-mobilenet.npy');
  if (existsSync(out)) return out;
  mkdirSync(join(out, '..'), { recursive: true });
  const { images } = await readDataset(sharedPath(DATA));
  await extractFeatures({
    images: images.map(({ id, path }) => ({ id, path: path! })),
    backbone: sharedPath(MODEL),
    preprocessing: await readPreprocessing('mobilenet-v2'),
    out,
  });
  return out;
}
