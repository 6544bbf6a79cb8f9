/**
 * @file Heads over frozen towers on Flickr8k, preset `heads` whole (12 epochs, evaluations included, vectors computed before): seconds,
 * ours against `peers/heads_torch.py` on the same pooled pictures. On stderr: val rSum of both.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolve } from '../src/config/resolve.ts';
import { type Dataset, readDataset } from '../src/data/dataset.ts';
import { FeatureFile } from '../src/data/features/file.ts';
import { fromFloat16 } from '../src/files/float16.ts';
import { writeNpy } from '../src/files/npy.ts';
import { trainingPresets } from '../src/methods/presets.ts';
import { trainingSchema } from '../src/methods/schema.ts';
import { silent } from '../src/system/progress.ts';
import { hasShared, sharedPath } from '../src/testing/shared.ts';
import { startTraining } from '../src/training/setup/start.ts';
import { pooledTable } from '../src/training/setup/vectors/pooled.ts';
import { flickrFeatures } from './epoch.ts';
import { peerOutput } from './support/peer.ts';

const DATA = 'data/flickr8k';
const MODEL = 'models/all-MiniLM-L6-v2';
/** Vectors of both sides, kept from run to run. */
const cache = join(import.meta.dirname, '..', '.cache', 'heads');

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const missing = [DATA, MODEL].find((path) => !hasShared(path));
  if (missing !== undefined) throw new Error(`this benchmark needs ${sharedPath(missing)}`);
  mkdirSync(cache, { recursive: true });
  const features = await flickrFeatures();
  const dataset = await readDataset(sharedPath(DATA), { images: false });
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
  try {
    // The first run computes vectors, the second finds them.
    await trained(dataset, features, join(folder, 'first'), 1);
    const { seconds: ours, best } = await trained(dataset, features, join(folder, 'run'), 12);
    process.stderr.write(`ours: ${ours.toFixed(1)} s, val rSum ${best?.rsum.toFixed(1)}\n`);
    const views = await layVectors(dataset, features);
    const printed = peerOutput('heads_torch.py', [cache, `b:deep=0,ep=12,dp=.5,views=${views > 1 ? 0.8 : 0}`]) ?? '';
    process.stderr.write(printed);
    const peer = Number(/ (\d+) s\s*$/.exec(printed)?.[1] ?? 0);
    return { name: 'heads', ours, peer, ratio: peer / ours, unit: 's' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function trained(dataset: Dataset, features: string, folder: string, epochs: number) {
  const content = {
    data: { path: sharedPath(DATA) },
    features: { file: features },
    text: { model: sharedPath(MODEL) },
    heads: { cache },
    training: { epochs },
  };
  const values = resolve(trainingSchema, {
    presets: trainingPresets,
    preset: 'heads',
    file: { path: 'bench', content },
  });
  const { signal } = new AbortController();
  return startTraining({ values, dataset, folder, command: [], progress: silent, signal });
}

/** Pooled pictures where the peer looks for them, in the order of the data set. @returns views of each picture */
async function layVectors(dataset: Dataset, features: string): Promise<number> {
  const file = await FeatureFile.open(features);
  const { data, views, width } = await pooledTable(file, cache, silent);
  const rows = dataset.images.map(({ id }) => file.row(id));
  await file.close();
  const laid = (from: number, to: number): Float32Array<ArrayBuffer> => {
    const out = new Float32Array(rows.length * (to - from) * width);
    rows.forEach((row, i) => {
      const start = row * views * width;
      out.set(
        fromFloat16((data as Uint16Array).subarray(start + from * width, start + to * width)),
        i * (to - from) * width,
      );
    });
    return out;
  };
  await writeNpy(join(cache, 'pool.npy'), { shape: [rows.length, width], dtype: 'float32', data: laid(0, 1) });
  rmSync(join(cache, 'views.npy'), { force: true });
  if (views > 1) {
    const shape = [rows.length, views - 1, width];
    await writeNpy(join(cache, 'views.npy'), { shape, dtype: 'float32', data: laid(1, views) });
  }
  const link = join(cache, 'flickr8k_ims.npy');
  if (!existsSync(link)) symlinkSync(features, link);
  return views;
}
