/**
 * @file The longest stall of the event loop while a real model trains: Flickr8k on the MobileNetV2 grid, with evaluations,
 * checkpoints and a change of stage, against the limit of 50 ms. Preparations before the first step are not counted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { resolve } from '../src/config/resolve.ts';
import { readDataset } from '../src/data/dataset.ts';
import { trainingPresets } from '../src/methods/presets.ts';
import { trainingSchema } from '../src/methods/schema.ts';
import { sharedPath } from '../src/testing/shared.ts';
import { startTraining } from '../src/training/setup/start.ts';
import { flickrFeatures } from './epoch.ts';

/** Milliseconds: what a screen or a client may wait. */
const LIMIT = 50;
/** Milliseconds between two looks at the loop; a stall is what a look comes late. */
const RESOLUTION = 1;

const content = {
  data: { path: sharedPath('data/flickr8k') },
  embedding: { dimension: 512 },
  loss: { warmupEpochs: 0.05 },
  training: { steps: 30, evaluateEvery: 15, evaluateUnit: 'steps', saveEvery: 5, logEvery: 5 },
};

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const features = { file: await flickrFeatures() };
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION });
  try {
    const file = { path: 'bench', content: { ...content, features } };
    const values = resolve(trainingSchema, { presets: trainingPresets, preset: 'vse-infinity', file });
    const dataset = await readDataset(values.data.path, { images: false });
    await startTraining({
      values,
      dataset,
      folder: join(folder, 'run'),
      command: [],
      progress: {
        update({ done, unit }) {
          if (unit === 'steps' && done === 1) delays.enable();
        },
        note: (line) => void process.stderr.write(`${line}\n`),
        finish() {},
      },
      signal: new AbortController().signal,
    });
    delays.disable();
    const milliseconds = (nanoseconds: number): number => nanoseconds / 1e6 - RESOLUTION;
    const ours = milliseconds(delays.max);
    const typical = [50, 99, 99.9].map((share) => `${share} % ${milliseconds(delays.percentile(share)).toFixed(1)}`);
    process.stderr.write(`stalls in ms: ${typical.join(', ')}, longest ${ours.toFixed(1)}\n`);
    return { name: 'event-loop', ours, peer: LIMIT, ratio: LIMIT / ours, unit: 'ms' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
