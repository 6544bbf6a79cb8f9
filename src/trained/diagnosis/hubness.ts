/** @file Hubs: items that come up for far more queries than their share, whatever is asked for. */
import { plainProduct } from '../../evaluation/product.ts';

/** Queries that are scored at once. */
const BLOCK = 128;

/**
 * The k-occurrence N_k of each item: of how many queries it is among the k nearest (Radovanovic, Nanopoulos and Ivanovic,
 * "Hubs in Space", JMLR 2010). Of equal scores the item that comes first counts as nearer. Their mean is queries k / items.
 *
 * @param queries row-major [.., dimension] @param items row-major [.., dimension]
 */
export function occurrences(queries: Float32Array, items: Float32Array, dimension: number, k: number): Int32Array {
  const columns = items.length / dimension;
  const total = queries.length / dimension;
  const counts = new Int32Array(columns);
  const scores = new Float32Array(BLOCK * columns);
  for (let from = 0; from < total; from += BLOCK) {
    const rows = Math.min(BLOCK, total - from);
    const block = queries.subarray(from * dimension, (from + rows) * dimension);
    plainProduct(block, items, { rows, columns, depth: dimension }, scores);
    for (let row = 0; row < rows; row++) {
      for (const item of nearest(scores.subarray(row * columns, (row + 1) * columns), k)) counts[item]++;
    }
  }
  return counts;
}

/** Positions of the k highest scores. */
function nearest(scores: Float32Array, k: number): number[] {
  const best: number[] = [];
  for (let item = 0; item < scores.length; item++) {
    if (best.length === k && !(scores[item] > scores[best[k - 1]])) continue;
    let at = best.length;
    while (at > 0 && scores[best[at - 1]] < scores[item]) at--;
    best.splice(at, 0, item);
    if (best.length > k) best.pop();
  }
  return best;
}

/** Skewness E (x - mean)^3 / deviation^3: 0 for symmetric counts, above 1 with hubs. 0 where all counts are equal. */
export function skewness(counts: Int32Array): number {
  const mean = counts.reduce((sum, x) => sum + x, 0) / counts.length;
  const moment = (power: number): number => counts.reduce((sum, x) => sum + (x - mean) ** power, 0) / counts.length;
  const variance = moment(2);
  return variance === 0 ? 0 : moment(3) / variance ** 1.5;
}

export interface Hubness {
  readonly k: number;
  readonly skewness: number;
  /** Share of the items that are among the k nearest of no query at all. */
  readonly never: number;
  /** Of each item, highest first. */
  readonly sorted: readonly number[];
  /** The items that come up most often, and how often. */
  readonly hubs: readonly { readonly item: number; readonly count: number }[];
}

/** @param shown how many hubs are named */
export function hubnessOf(counts: Int32Array, k: number, shown: number): Hubness {
  const order = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
  return {
    k,
    skewness: skewness(counts),
    never: counts.filter((count) => count === 0).length / counts.length,
    sorted: order.map((item) => counts[item]),
    hubs: order.slice(0, shown).map((item) => ({ item, count: counts[item] })),
  };
}
