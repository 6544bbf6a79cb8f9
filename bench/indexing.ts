/**
 * @file Indexing pictures: `createIndex` with a bundle over MobileNetV2 against `extractFeatures` of its backbone over the same
 * photos, in turns; pictures a second. Indexing also hashes each file, reads its size, runs the image model and stores the rows.
 * Processes that run the backbone are started before the clock on both sides.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bundle, openBundle } from '../src/bundle/open.ts';
import { type Dataset, readDataset } from '../src/data/dataset.ts';
import { extractFeatures } from '../src/data/features/extract.ts';
import { readPreprocessing } from '../src/data/images/preprocessing.ts';
import { createIndex } from '../src/index/manage.ts';
import { datasetSource } from '../src/index/source.ts';
import { hasShared, sharedPath } from '../src/testing/shared.ts';
import { median } from './support/peer.ts';
import { pictureBundle } from './support/picture-bundle.ts';

/** Photos a side and turn. */
const IMAGES = Number(process.env.DIPTYCH_BENCH_IMAGES ?? 1000);
const TURNS = 3;
/** Indexing may be slower by this share. */
const LIMIT = 0.1;

const DATA = 'data/flickr8k';
const MODEL = 'models/mobilenet_v2_1.0_224.onnx';

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const missing = [DATA, MODEL].find((path) => !hasShared(path));
  if (missing !== undefined) throw new Error(`this benchmark needs ${sharedPath(missing)}`);
  const [place, backbone] = [sharedPath(DATA), sharedPath(MODEL)];
  const whole = await readDataset(place);
  const dataset = { ...whole, images: whole.images.slice(0, IMAGES) };
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
  try {
    const bundle = await openBundle(await pictureBundle(folder, place, whole, backbone));
    try {
      // Its processes start when they are first needed.
      await bundle.encodeImages([dataset.images[0].path!]);
      const rates: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
      for (let turn = 0; turn < TURNS; turn++) {
        rates.peer.push(await featuresRate(join(folder, 'features.npy'), dataset, backbone));
        rates.ours.push(await indexRate(join(folder, `index ${turn}`), place, dataset, bundle));
        process.stderr.write(
          `turn ${turn + 1}: index ${rates.ours[turn].toFixed(1)}, features ${rates.peer[turn].toFixed(1)} images/s\n`,
        );
      }
      const [ours, peer] = [median(rates.ours), median(rates.peer)];
      const verdict = ours >= (1 - LIMIT) * peer ? 'within' : 'NOT within';
      process.stderr.write(`indexing is ${verdict} ${100 * LIMIT} % of the rate of features\n`);
      return { name: 'indexing', ours, peer, ratio: ours / peer, unit: 'images/s' };
    } finally {
      await bundle.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function featuresRate(out: string, { images }: Dataset, backbone: string): Promise<number> {
  const preprocessing = await readPreprocessing('mobilenet-v2');
  const { encoded, seconds } = await extractFeatures({ images, backbone, preprocessing, out, resume: false });
  return encoded / seconds;
}

/** All of it counts, from the empty folder to the index that is in use. */
async function indexRate(folder: string, place: string, dataset: Dataset, bundle: Bundle): Promise<number> {
  const start = performance.now();
  const [report] = await createIndex(folder, bundle, [datasetSource(place, dataset)]);
  return (1000 * report.images.added) / (performance.now() - start);
}
