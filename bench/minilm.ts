/**
 * @file Fine-tuning MiniLM with the MobileNetV2 grid on Flickr8k, batch 128, d = 512: pairs a second of steps alone, ours (preset
 * vse-minilm) against `peers/vse_torch.py --text bert`, in turns. `DIPTYCH_BENCH_STEPS` steps a side and turn (20).
 */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolve } from '../src/config/resolve.ts';
import { type Dataset, readDataset } from '../src/data/dataset.ts';
import { trainingPresets } from '../src/methods/presets.ts';
import { trainingSchema } from '../src/methods/schema.ts';
import { silent } from '../src/system/progress.ts';
import { hasShared, sharedPath } from '../src/testing/shared.ts';
import { startTraining } from '../src/training/setup/start.ts';
import { flickrFeatures } from './epoch.ts';
import { median, rewrittenPeerOutput } from './support/peer.ts';

const DATA = 'data/flickr8k';
const MODEL = 'models/all-MiniLM-L6-v2';
const BATCH = 128;
const TURNS = 2;
const STEPS = Number(process.env.DIPTYCH_BENCH_STEPS ?? 20);
/** First steps of a turn, not counted. */
const WARMING = 4;

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const missing = [DATA, MODEL].find((path) => !hasShared(path));
  if (missing !== undefined) throw new Error(`this benchmark needs ${sharedPath(missing)}`);
  const features = await flickrFeatures();
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
  try {
    symlinkSync(features, join(folder, 'flickr8k_ims.npy'));
    const dataset = await readDataset(sharedPath(DATA), { images: false });
    const rates = { ours: [] as number[], peer: [] as number[] };
    for (let turn = 0; turn < TURNS; turn++) {
      rates.ours.push(await oursPerSecond(dataset, features, join(folder, `run-${turn}`)));
      const peer = peerPerSecond(folder);
      if (peer !== undefined) rates.peer.push(peer);
      process.stderr.write(`turn ${turn}: ours ${rates.ours.at(-1)!.toFixed(0)}, peer ${peer?.toFixed(0)} pairs/s\n`);
    }
    const [ours, peer] = [median(rates.ours), median(rates.peer)];
    return { name: 'minilm', ours, peer, ratio: peer === 0 ? 0 : ours / peer, unit: 'pairs/s' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From the log of a run: steps after the first ones, batches included, evaluation not. */
async function oursPerSecond(dataset: Dataset, features: string, folder: string): Promise<number> {
  const content = {
    data: { path: sharedPath(DATA) },
    features: { file: features, viewProbability: 0 },
    text: { model: sharedPath(MODEL) },
    training: { steps: STEPS, evaluateEvery: STEPS, evaluateUnit: 'steps', logEvery: WARMING },
  };
  const file = { path: 'bench', content };
  const values = resolve(trainingSchema, { presets: trainingPresets, preset: 'vse-minilm', file });
  const controller = new AbortController();
  await startTraining({ values, dataset, folder, command: [], progress: silent, signal: controller.signal });
  const timings = readFileSync(join(folder, 'timings.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"pairsPerSecond"'))
    .map((line) => JSON.parse(line) as { step: number; pairsPerSecond: number })
    .filter(({ step }) => step > WARMING);
  // Each line is about as many steps, so the mean of times a pair is the whole time.
  return timings.length / timings.reduce((sum, { pairsPerSecond }) => sum + 1 / pairsPerSecond, 0);
}

/** The peer's loop, ended after the steps; it prints the seconds of those that count. */
function peerPerSecond(folder: string): number | undefined {
  const printed = rewrittenPeerOutput(
    'vse_torch.py',
    [
      ['steps = len(pairs) // a.b; T', `steps = ${STEPS}; T`],
      ['        t1 = time.time(); rows', `        t0 = time.time() if b == ${WARMING} else t0; t1 = time.time(); rows`],
      ['    r, rs = evaluate(va, feats)\n', "    print('SECONDS', time.time() - t0); raise SystemExit\n"],
    ],
    [folder, '--text', 'bert', '--pool', 'mm', '--mlp', '0', '--hdrop', '0.1', '--epochs', '8', '--b', `${BATCH}`],
  );
  const [, seconds] = /SECONDS (\S+)/.exec(printed ?? '') ?? [];
  return seconds === undefined ? undefined : ((STEPS - WARMING) * BATCH) / Number(seconds);
}
