/**
 * @file Feature extraction: our `extractFeatures` against Python's ONNX Runtime with Pillow (`peers/features.py`), over the same
 * photos, in turns, both into a float16 npy file. Starting up is not counted on either side.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractFeatures } from '../src/data/features/extract.ts';
import { readPreprocessing } from '../src/data/images/preprocessing.ts';
import { fromFloat16 } from '../src/files/float16.ts';
import { readNpy } from '../src/files/npy.ts';
import { hasShared, sharedPath } from '../src/testing/shared.ts';
import { median } from './support/peer.ts';

/** Photos a side and turn. */
const IMAGES = Number(process.env.DIPTYCH_BENCH_IMAGES ?? 1000);
const TURNS = 3;
/** Two neighbouring float16 numbers at the largest feature, 6: both sides round the same values. */
const MOST_APART = 2 ** -8;

const DATA = 'data/flickr8k';
const MODEL = 'models/mobilenet_v2_1.0_224.onnx';
const PEER = 'peers/features.py';

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const missing = [DATA, MODEL].find((path) => !hasShared(path));
  if (missing !== undefined) throw new Error(`this benchmark needs ${sharedPath(missing)}`);
  const python = process.env.DIPTYCH_PEER_PYTHON;
  if (python === undefined || !hasShared(PEER)) {
    process.stderr.write('SKIPPED the peer: DIPTYCH_PEER_PYTHON names no Python with onnxruntime, pillow and numpy\n');
  }
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
  try {
    const dataset = JSON.parse(readFileSync(sharedPath(`${DATA}/dataset_flickr8k.json`), 'utf8'));
    const images = dataset.images.slice(0, IMAGES);
    layOut(folder, { ...dataset, images });
    const rates: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
    for (let turn = 0; turn < TURNS; turn++) {
      rates.ours.push(await ourRate(folder, images));
      if (python !== undefined) rates.peer.push(peerRate(folder, python));
      process.stderr.write(
        `turn ${turn + 1}: ours ${rates.ours[turn].toFixed(1)}, peer ${rates.peer[turn]} images/s\n`,
      );
    }
    if (python !== undefined) await compare(folder);
    const [ours, peer] = [median(rates.ours), median(rates.peer)];
    return { name: 'features', ours, peer, ratio: peer === 0 ? 0 : ours / peer, unit: 'images/s' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The peer takes its data from beside itself: the same photos, of which the list names fewer. */
function layOut(folder: string, dataset: unknown): void {
  for (const part of ['peers', 'models', DATA, 'out']) mkdirSync(join(folder, part), { recursive: true });
  symlinkSync(sharedPath(`${DATA}/images`), join(folder, DATA, 'images'));
  symlinkSync(sharedPath(MODEL), join(folder, MODEL));
  writeFileSync(join(folder, DATA, 'dataset_flickr8k.json'), JSON.stringify(dataset));
  if (hasShared(PEER)) copyFileSync(sharedPath(PEER), join(folder, PEER));
}

async function ourRate(folder: string, images: readonly { filename: string }[]): Promise<number> {
  const { encoded, seconds } = await extractFeatures({
    images: images.map(({ filename }) => ({ id: filename, path: join(folder, DATA, 'images', filename) })),
    backbone: join(folder, MODEL),
    preprocessing: await readPreprocessing('mobilenet-v2'),
    out: join(folder, 'ours.npy'),
    resume: false,
  });
  return encoded / seconds;
}

/** The rate that the peer prints: `flickr8k 1000 160.2 images/s`. */
function peerRate(folder: string, python: string): number {
  const text = execFileSync(python, [join(folder, PEER), join(folder, 'out')], { encoding: 'utf8' });
  return Number(text.trim().split(' ')[2]);
}

/** Both sides must have made the same features. */
async function compare(folder: string): Promise<void> {
  const [ours, peer] = await Promise.all([join(folder, 'ours.npy'), join(folder, 'out/flickr8k_ims.npy')].map(readNpy));
  const [a, b] = [ours, peer].map(({ data }) => fromFloat16(data as Uint16Array));
  const apart = a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
  process.stderr.write(`largest difference of ${a.length} numbers: ${apart}\n`);
  if (ours.shape.join() !== peer.shape.join() || apart > MOST_APART) throw new Error('the two sides disagree');
}
