/** @file Rows for the tests of stores, and what to compare them with. */
import { Random } from '../../random/random.ts';
import { type Filter, matches } from '../filter.ts';
import type { Hit, Metadata, Row, Store } from '../store.ts';

/** Dimension of the vectors of the tests. */
export const DIMENSION = 8;

/** A random unit vector, the same for the same seed. */
export function vectorOf(seed: number): Float32Array {
  const random = new Random('contract', seed);
  const vector = Float32Array.from({ length: DIMENSION }, () => random.normal());
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return vector.map((x) => x / length);
}

/** A row with the vector of a seed, which is also its metadata unless given. */
export function rowOf(id: string, seed: number, metadata: Metadata = { seed }): Row {
  return { id, vector: vectorOf(seed), metadata };
}

/** Rows in the order of their ids. */
export function sorted(rows: Iterable<Row>): Row[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** All rows of a store, in the order of their ids. */
export async function contentOf(store: Store): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of store.scan()) rows.push(row);
  return sorted(rows);
}

/** The ids of the rows that match, in order. */
export async function idsOf(store: Store, filter?: Filter): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of store.scan(filter)) ids.push(id);
  return ids.sort();
}

/** What a search must find, by trying every row. */
export function bruteForce(
  rows: readonly Row[],
  query: Float32Array,
  k: number,
  filter: Filter | undefined,
  threshold = -Infinity,
): Hit[] {
  return rows
    .filter(({ metadata }) => filter === undefined || matches(filter, metadata))
    .map(({ id, vector, metadata }) => ({ id, score: vector.reduce((sum, x, i) => sum + x * query[i], 0), metadata }))
    .filter(({ score }) => score >= threshold)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, k);
}

/** What a promise fails with; undefined if it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<Error | undefined> {
  return promise.then(
    () => undefined,
    (error: Error) => error,
  );
}

/** The code of what a promise fails with. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return ((await errorOf(promise)) as { code?: unknown } | undefined)?.code;
}
