/** @file Runs side by side: rows, letters for the drawings, and what makes rows unfit to be compared. */
import { resolve } from 'node:path';
import { DiptychError } from '../../errors/error.ts';
import { groupsOf, type RunGroup } from './groups.ts';
import { type ComparedRun, readComparedRun } from './run.ts';

export interface Comparison {
  /** In the order in which they were named. */
  readonly runs: readonly ComparedRun[];
  /** The same runs, those of one recipe together. */
  readonly groups: readonly RunGroup[];
  /** Sentences for people: other data, unfinished runs, other machines. */
  readonly remarks: readonly string[];
}

/** The mark of a run in drawings: A, B, C … */
export function letterOf(position: number): string {
  const letter = String.fromCharCode(65 + (position % 26));
  return position < 26 ? letter : `${letter}${Math.floor(position / 26) + 1}`;
}

/**
 * Reads runs, under way or finished.
 *
 * @throws DIPTYCH_COMPARE_DUPLICATE, DIPTYCH_RUN_MISSING, DIPTYCH_RUN_DAMAGED
 */
export async function compareRuns(folders: readonly string[]): Promise<Comparison> {
  const paths = folders.map((folder) => resolve(folder));
  const twice = folders.find((_, i) => paths.indexOf(paths[i]) !== i);
  if (twice !== undefined) throw new DiptychError('DIPTYCH_COMPARE_DUPLICATE', { path: twice });
  const runs = await Promise.all(folders.map(readComparedRun));
  return { runs, groups: groupsOf(runs), remarks: remarksOn(runs) };
}

/** The position of the group with the highest mean rSum, never that of a lucky run; undefined if none was evaluated. */
export function bestPosition(groups: readonly RunGroup[]): number | undefined {
  const scores = groups.map(({ reached }) => reached?.rsum.mean ?? Number.NEGATIVE_INFINITY);
  const highest = Math.max(...scores);
  return Number.isFinite(highest) ? scores.indexOf(highest) : undefined;
}

function remarksOn(runs: readonly ComparedRun[]): string[] {
  const letters = (wanted: (run: ComparedRun) => boolean): string =>
    runs.flatMap((run, i) => (wanted(run) ? [letterOf(i)] : [])).join(', ');
  const differ = (of: (run: ComparedRun) => unknown): boolean =>
    new Set(runs.map((run) => JSON.stringify(of(run)))).size > 1;
  const timed = letters(isTimed);
  const unfinished = letters((run) => run.steps < run.length && !isTimed(run));
  const selected = letters(({ testRuns }) => testRuns > 1);
  return [
    ...(differ(({ data, valSplit }) => [data, valSplit])
      ? ['The runs saw different data: their recalls must not be compared.']
      : []),
    ...(differ(({ host, device }) => [host, device])
      ? ['The runs were made on different machines: their times must not be compared.']
      : []),
    ...(timed ? [`Ended by their minutes, so they cannot be repeated bit for bit: ${timed}.`] : []),
    ...(unfinished ? [`Not at its end (under way, stopped, or stopped early): ${unfinished}.`] : []),
    ...(selected ? [`Evaluated on test more than once, the last time counts here: ${selected}.`] : []),
  ];
}

/** Whether a run ended because its minutes were used. */
function isTimed({ steps, length, minutes, seconds }: ComparedRun): boolean {
  return steps < length && minutes !== null && seconds >= 60 * minutes;
}
