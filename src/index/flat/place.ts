/** @file Where a row lies, as one number: its segment and its position there. */

/** Rows that a segment can have at most. Segment numbers take the 32 bits above, so that a place is an exact integer. */
export const MOST_ROWS = 2 ** 20;

/** A row: segment number * 2^20 + row. Numbers grow with age, so places order rows by when they were written. */
export type Place = number;

export function placeOf(segment: number, row: number): Place {
  return segment * MOST_ROWS + row;
}

export function segmentOf(place: Place): number {
  return Math.floor(place / MOST_ROWS);
}

export function rowOf(place: Place): number {
  return place % MOST_ROWS;
}
