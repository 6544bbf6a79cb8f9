/** @file Rank correlation of scores with human judgements: Kendall's tau-b and tau-c, and Spearman's rho. */
import { DiptychError } from '../errors/error.ts';

/** Kendall's correlations and the counts they come from. */
export interface Kendall {
  /** Pairs of points that x and y order alike. */
  readonly concordant: number;
  /** Pairs that they order oppositely. */
  readonly discordant: number;
  /** Pairs tied in x but not in y. */
  readonly tiedX: number;
  /** Pairs tied in y but not in x. */
  readonly tiedY: number;
  /** Null where it is not defined: x or y constant, or fewer than two points. */
  readonly tauB: number | null;
  /** Null where it is not defined, as above. */
  readonly tauC: number | null;
}

/**
 * Kendall's tau-b and tau-c in O(n log n) (Knight 1966).
 *
 *     tau-b = (C - D) / sqrt((C + D + T_x) (C + D + T_y))        tau-c = 2 (C - D) / (n^2 (m - 1) / m)
 *
 * with C concordant, D discordant pairs, T_x, T_y pairs tied only in x, only in y, and m the smaller number of distinct
 * values. Sorted by x, then y, the discordant pairs are the swaps that a merge sort by y makes.
 *
 * @throws DIPTYCH_EVALUATION_SHAPE if x and y differ in length
 * @throws DIPTYCH_EVALUATION_NOT_FINITE at a NaN
 */
export function kendall(x: ArrayLike<number>, y: ArrayLike<number>): Kendall {
  checkPoints(x, y);
  const n = x.length;
  const order = sortedOrder(n, (a, b) => x[a] - x[b] || y[a] - y[b]);
  const tiesX = ties(n, (i) => x[order[i]] === x[order[i + 1]]);
  const tiesBoth = ties(n, (i) => x[order[i]] === x[order[i + 1]] && y[order[i]] === y[order[i + 1]]);
  const sorted = Float64Array.from(order, (point) => y[point]);
  const discordant = sortCountingSwaps(sorted);
  const tiesY = ties(n, (i) => sorted[i] === sorted[i + 1]);
  const concordant = (n * (n - 1)) / 2 - tiesX.pairs - tiesY.pairs + tiesBoth.pairs - discordant;
  const tiedX = tiesX.pairs - tiesBoth.pairs;
  const tiedY = tiesY.pairs - tiesBoth.pairs;
  const classes = Math.min(tiesX.groups, tiesY.groups);
  const defined = classes > 1;
  const strict = concordant + discordant;
  return {
    concordant,
    discordant,
    tiedX,
    tiedY,
    tauB: defined ? (concordant - discordant) / (Math.sqrt(strict + tiedX) * Math.sqrt(strict + tiedY)) : null,
    tauC: defined ? (2 * (concordant - discordant)) / ((n * n * (classes - 1)) / classes) : null,
  };
}

/**
 * Spearman's rho: the linear correlation of ranks, tied values sharing the mean of their ranks.
 *
 * @returns null where it is not defined: x or y constant, or fewer than two points
 * @throws as `kendall`
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  checkPoints(x, y);
  const rankX = centredRanks(x);
  const rankY = centredRanks(y);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i++) {
    xy += rankX[i] * rankY[i];
    xx += rankX[i] ** 2;
    yy += rankY[i] ** 2;
  }
  return xx > 0 && yy > 0 ? xy / (Math.sqrt(xx) * Math.sqrt(yy)) : null;
}

function checkPoints(x: ArrayLike<number>, y: ArrayLike<number>): void {
  if (x.length !== y.length) {
    throw new DiptychError('DIPTYCH_EVALUATION_SHAPE', {
      what: 'values to correlate',
      expected: `${x.length}`,
      found: `${y.length}`,
    });
  }
  for (let i = 0; i < x.length; i++) {
    if (!Number.isNaN(x[i]) && !Number.isNaN(y[i])) continue;
    throw new DiptychError('DIPTYCH_EVALUATION_NOT_FINITE', {
      place: `value ${i} of a correlation`,
      value: Number.NaN,
    });
  }
}

function sortedOrder(n: number, compare: (a: number, b: number) => number): Uint32Array {
  return Uint32Array.from({ length: n }, (_, i) => i).sort(compare);
}

/** Runs of equal neighbours: how many, and the pairs within them. */
function ties(n: number, tied: (i: number) => boolean): { pairs: number; groups: number } {
  let pairs = 0;
  let groups = 0;
  for (let start = 0; start < n; ) {
    let end = start + 1;
    while (end < n && tied(end - 1)) end++;
    pairs += ((end - start) * (end - start - 1)) / 2;
    groups++;
    start = end;
  }
  return { pairs, groups };
}

/** Sorts in place by merging; returns how many pairs stood in falling order. */
function sortCountingSwaps(values: Float64Array): number {
  let swaps = 0;
  let from: Float64Array = values;
  let to: Float64Array = new Float64Array(values.length);
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      const end = Math.min(start + 2 * width, values.length);
      let left = start;
      let right = middle;
      for (let out = start; out < end; out++) {
        if (left < middle && (right >= end || from[left] <= from[right])) {
          to[out] = from[left++];
        } else {
          to[out] = from[right++];
          swaps += middle - left; // it jumps over all that is left of the left half
        }
      }
    }
    [from, to] = [to, from];
  }
  values.set(from);
  return swaps;
}

/** Ranks from 1, ties sharing their mean, less the mean of all ranks. Sums of halves: exact in float64. */
function centredRanks(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const order = sortedOrder(n, (a, b) => values[a] - values[b] || 0);
  const ranks = new Float64Array(n);
  for (let start = 0; start < n; ) {
    let end = start + 1;
    while (end < n && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2 - (n + 1) / 2;
    start = end;
  }
  return ranks;
}
