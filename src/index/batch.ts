/** @file What the stores share: what they ask of a batch and of a search before they do anything, and when they compact themselves. */
import { DiptychError } from '../errors/error.ts';
import { checkRow } from './rows.ts';
import type { Rejected, Row, SearchOptions } from './store.ts';

/**
 * Sorts a batch into rows to write, of each id the last, and rows to reject.
 *
 * @param refuse why an id cannot be taken, given an earlier row of the batch with the same id
 */
export function sift(
  rows: readonly Row[],
  dimension: number,
  refuse: (id: string, earlier: Row | undefined) => string | undefined,
): { accepted: Row[]; rejected: Rejected[] } {
  const accepted = new Map<string, Row>();
  const rejected: Rejected[] = [];
  rows.forEach((row, index) => {
    try {
      const checked = checkRow(row, dimension);
      const problem = refuse(row.id, accepted.get(row.id));
      if (problem !== undefined) throw new DiptychError('DIPTYCH_INDEX_ID', { id: row.id, problem });
      accepted.set(row.id, checked);
    } catch (error) {
      if (!(error instanceof DiptychError)) throw error;
      rejected.push({ index, id: String(row.id), error });
    }
  });
  return { accepted: [...accepted.values()], rejected };
}

/** Deleted rows that take too little space to be worth anything. */
const LEAST_DEAD = 1024;

/**
 * Whether a store frees the space of so many deleted rows by itself: a quarter of those that are there, so that a row is written
 * again at most four times for each one deleted, and the files stay within 1.25 times what is in them.
 *
 * @param least fewer are left alone
 */
export function worthCompacting(dead: number, rows: number, least = LEAST_DEAD): boolean {
  return dead >= Math.min(least, LEAST_DEAD) && 4 * dead > rows;
}

/** @throws DIPTYCH_INDEX_OPTION */
export function checkSearch({ k, threshold }: SearchOptions): void {
  checkCount('k', k, Number.MAX_SAFE_INTEGER);
  if (threshold === undefined || Number.isFinite(threshold)) return;
  const problem = `${threshold} is no finite number`;
  throw new DiptychError('DIPTYCH_INDEX_OPTION', { option: 'threshold', problem });
}

/** @throws DIPTYCH_INDEX_OPTION unless it is a whole number from 1 to `most` */
export function checkCount(option: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new DiptychError('DIPTYCH_INDEX_OPTION', {
    option,
    problem: `${value} is not a whole number from 1 to ${most}`,
  });
}
