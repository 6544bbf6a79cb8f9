/** @file Killing a training run at random moments and comparing what it comes to with a run that was left alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Random } from '../random/random.ts';
import { traceOf } from '../training/testing/files.ts';
import { diptych } from './diptych.ts';

export interface KillOptions {
  /** What follows `node`, before the words of the command. */
  readonly program: readonly string[];
  /** The words of the command after `train`, without `--run`. */
  readonly words: readonly string[];
  /** A folder for the runs. */
  readonly folder: string;
}

/** A run that was left alone. */
export interface Reference {
  readonly folder: string;
  /** Milliseconds that its process took. */
  readonly took: number;
}

export async function uninterruptedRun({ program, words, folder }: KillOptions): Promise<Reference> {
  const run = join(folder, 'uninterrupted');
  const started = performance.now();
  await finish(program, [...words, '--run', run]);
  return { folder: run, took: performance.now() - started };
}

export interface KilledRun {
  readonly folder: string;
  /** Milliseconds after which it was killed. */
  readonly killedAfter: number;
  /** Whether checkpoints and metrics equal those of the reference, byte for byte. */
  readonly identical: boolean;
}

/**
 * Starts a run, kills it (SIGKILL) at a moment drawn from the whole time that the reference took, and resumes it to its end.
 *
 * @param name of the run's folder
 */
export async function killedRun(
  { program, words, folder }: KillOptions,
  reference: Reference,
  random: Random,
  name: string,
): Promise<KilledRun> {
  const run = join(folder, name);
  const killedAfter = random.uniform() * reference.took;
  const child = spawn(process.execPath, [...program, 'train', ...words, '--run', run], { stdio: 'ignore' });
  const ended = once(child, 'close');
  await Promise.race([setTimeout(killedAfter), ended]);
  child.kill('SIGKILL');
  await ended;
  // Before the record of the run is written there is nothing to resume.
  const resume = existsSync(join(run, 'run.json')) ? ['--resume'] : [];
  await finish(program, [...words, '--run', run, ...resume]);
  const [found, expected] = [run, reference.folder].map(traceOf);
  return { folder: run, killedAfter, identical: JSON.stringify(found) === JSON.stringify(expected) };
}

async function finish(program: readonly string[], words: readonly string[]): Promise<void> {
  const { code, stderr } = await diptych(['train', ...words], { program });
  if (code !== 0) throw new Error(`train ended with ${code}:\n${stderr}`);
}
