/**
 * @file Indexing pictures: `createIndex` with a bundle over MobileNetV2 against `extractFeatures` of its backbone over the same
 * photos, in turns; pictures a second. Indexing also hashes each file, reads its size, runs the image model and stores the rows.
 * Processes that run the backbone are started before the clock on both sides. On stderr: the image model alone, and the ratio that it
 * would leave if nothing else were added.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bundle, openBundle } from '../src/bundle/open.ts';
import { type Dataset, readDataset } from '../src/data/dataset.ts';
import { extractFeatures } from '../src/data/features/extract.ts';
import { FeatureFile } from '../src/data/features/file.ts';
import { readPreprocessing } from '../src/data/images/preprocessing.ts';
import { Head } from '../src/encoders/backbone/head.ts';
import { sharesOf } from '../src/encoders/backbone/shares.ts';
import { createIndex } from '../src/index/manage.ts';
import { datasetSource } from '../src/index/source.ts';
import { hasShared, sharedPath } from '../src/testing/shared.ts';
import { median } from './support/peer.ts';
import { pictureBundle } from './support/picture-bundle.ts';

/** Photos a side and turn: so many that opening and finishing an index weigh little. */
const IMAGES = Number(process.env.DIPTYCH_BENCH_IMAGES ?? 7000);
const TURNS = 3;
/** Runs of the image model alone. */
const RUNS = 40;
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
    const features = join(folder, 'features.npy');
    const bundle = await openBundle(await pictureBundle(folder, place, whole, backbone));
    try {
      // Its processes start when they are first needed.
      await bundle.encodeImages([dataset.images[0].path!]);
      const rates: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
      for (let turn = 0; turn < TURNS; turn++) {
        rates.peer.push(await featuresRate(features, dataset, backbone));
        rates.ours.push(await indexRate(join(folder, `index ${turn}`), place, dataset, bundle));
        process.stderr.write(
          `turn ${turn + 1}: index ${rates.ours[turn].toFixed(1)}, features ${rates.peer[turn].toFixed(1)} images/s\n`,
        );
      }
      const [ours, peer] = [median(rates.ours), median(rates.peer)];
      const { processes } = await sharesOf(backbone, availableParallelism());
      const tower = await towerSeconds(bundle, features);
      process.stderr.write(
        `image model alone: ${(1000 * tower).toFixed(2)} ms of a core a picture, features ${((1000 * processes) / peer).toFixed(2)} ms; ` +
          `the two alone would give ${(1 / (1 + (tower * peer) / processes)).toFixed(3)}\n`,
      );
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

/** Time of the image model alone over stored features, on one core, a picture: what no pipeline can take away. */
async function towerSeconds({ folder }: Bundle, features: string): Promise<number> {
  const file = await FeatureFile.open(features);
  try {
    const { regions, dimension } = file;
    const head = await Head.load(join(folder, 'image.onnx'), { output: features, regions, dimension }, 1);
    for (let view = 0; view < head.capacity; view++) await file.read([view % file.images], head.place(view));
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now();
      await head.vectors(head.capacity);
      times.push(performance.now() - start);
    }
    return median(times) / 1000 / head.capacity;
  } finally {
    await file.close();
  }
}

/** All of it counts, from the empty folder to the index that is in use. */
async function indexRate(folder: string, place: string, dataset: Dataset, bundle: Bundle): Promise<number> {
  const start = performance.now();
  const [report] = await createIndex(folder, bundle, [datasetSource(place, dataset)]);
  return (1000 * report.images.added) / (performance.now() - start);
}
