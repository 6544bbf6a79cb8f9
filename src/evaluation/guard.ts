/** @file The guard of the test split: nothing selects on it, and every run on it is written down. */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiptychError } from '../errors/error.ts';
import { unreadable, unwritable } from '../files/failures.ts';
import type { DirectionMetrics } from './metrics.ts';
import type { EvaluationResult } from './result.ts';

/** Name of the record in a run directory: one JSON object a line, in order of time. */
export const testRunsFile = 'test-runs.jsonl';

/** One evaluation on test. */
export interface TestRun {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly splitHash: string;
  /** Fingerprint of the checkpoint or bundle. */
  readonly checkpoint: string;
  readonly result: {
    readonly rsum: number;
    readonly imageToText: DirectionMetrics;
    readonly textToImage: DirectionMetrics;
    readonly folds: number;
    readonly members: number;
  };
}

/**
 * Refuses to choose anything by the test split.
 *
 * @param split the split to be used
 * @param purpose what for, as the message says it: `choosing the best checkpoint`
 * @throws DIPTYCH_EVALUATION_TEST_SELECTION if it is `test`
 */
export function refuseTest(split: string, purpose: string): void {
  if (split.trim().toLowerCase() === 'test') {
    throw new DiptychError('DIPTYCH_EVALUATION_TEST_SELECTION', { purpose });
  }
}

/**
 * Appends a test run to the record of a run directory, durably.
 *
 * @param run the run directory, which exists
 * @param checkpoint fingerprint of what was evaluated
 * @param time the moment of the evaluation; now unless given
 * @returns which test run of this directory it is, from 1
 * @throws DIPTYCH_FILE_UNWRITABLE
 */
export async function recordTestRun(
  run: string,
  result: EvaluationResult,
  checkpoint: string,
  time: Date = new Date(),
): Promise<number> {
  const { rsum, imageToText, textToImage, protocol } = result;
  const { folds, members, splitHash } = protocol;
  const row: TestRun = {
    time: time.toISOString(),
    splitHash,
    checkpoint,
    result: { rsum, imageToText, textToImage, folds, members },
  };
  const path = join(run, testRunsFile);
  try {
    const file = await open(path, 'a+');
    try {
      await file.appendFile(`${(await isTorn(file)) ? '\n' : ''}${JSON.stringify(row)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unwritable(path, cause);
  }
  return (await readTestRuns(run)).length;
}

/** Whether the last line was cut short by a crash: it would swallow the next one. */
async function isTorn(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}

/**
 * The test runs of a run directory, in order; none if nothing was recorded. A line torn by a crash is passed over.
 *
 * @throws DIPTYCH_FILE_UNREADABLE
 */
export async function readTestRuns(run: string): Promise<TestRun[]> {
  const path = join(run, testRunsFile);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw unreadable(path, cause);
  });
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as TestRun];
    } catch {
      return [];
    }
  });
}
