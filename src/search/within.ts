/** @file Searching some items of an index, named by their ids. */
import { DiptychError } from '../errors/error.ts';
import { matches } from '../index/filter.ts';
import type { Hit, SearchOptions, Store } from '../index/store.ts';

/** Rows that are read at once. */
const BATCH = 1024;

/**
 * What `Store.search` would find if the store held these items alone; unknown ids are passed over.
 *
 * @throws DIPTYCH_INDEX_OPTION
 */
export async function searchWithin(
  store: Store,
  vector: Float32Array,
  ids: readonly string[],
  { k, filter, threshold = -Infinity }: SearchOptions,
): Promise<Hit[]> {
  if (!Number.isInteger(k) || k < 1)
    throw new DiptychError('DIPTYCH_INDEX_OPTION', { option: 'k', problem: `${k} is no number of results` });
  const wanted = [...new Set(ids)];
  let best: Hit[] = [];
  for (let from = 0; from < wanted.length; from += BATCH) {
    for (const row of await store.get(wanted.slice(from, from + BATCH))) {
      if (row === undefined || (filter !== undefined && !matches(filter, row.metadata))) continue;
      const score = cosine(vector, row.vector);
      if (score >= threshold) best.push({ id: row.id, score, metadata: row.metadata });
    }
    best = best.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, k);
  }
  return best;
}

/** Inner product of unit vectors, summed in order in float64 as the flat store does. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
