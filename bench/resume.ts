/**
 * @file Exact resume: 20 runs are killed (`kill -9`) at random moments and resumed; their checkpoints and metrics must equal those
 * of a run that was left alone, byte for byte. `ours` counts those that do, `peer` all.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../src/random/random.ts';
import { compilePackage } from '../src/testing/diptych.ts';
import { killedRun, uninterruptedRun } from '../src/testing/kills.ts';
import { drawTinyScenes, flagsOf, tinyOptions } from '../src/testing/scenes.ts';

const KILLS = 20;
const SEED = 20;

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
  try {
    const program = await compilePackage(join(folder, 'package'));
    const data = await drawTinyScenes(join(folder, 'scenes'), 160);
    const words = ['--data', data, ...flagsOf({ ...tinyOptions, 'training.saveEvery': '7' })];
    const options = { program, words, folder };
    const reference = await uninterruptedRun(options);
    process.stderr.write(`uninterrupted: ${(reference.took / 1000).toFixed(1)} s\n`);
    const random = new Random(SEED, 'kills');
    let identical = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      const killed = await killedRun(options, reference, random, `killed-${kill}`);
      if (killed.identical) identical++;
      const how = killed.identical ? 'identical' : 'DIFFERENT';
      process.stderr.write(`kill ${kill} after ${(killed.killedAfter / 1000).toFixed(2)} s: ${how}\n`);
      rmSync(killed.folder, { recursive: true });
    }
    return { name: 'resume', ours: identical, peer: KILLS, ratio: identical / KILLS, unit: 'identical runs' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
