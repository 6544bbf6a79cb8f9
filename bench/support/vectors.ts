/** @file Clustered vectors in a file, so that each side is filled with the same ones, and the best of them for queries. */
import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { exactSearch, MetricKind } from 'usearch';
import { Clustered } from './clustered.ts';

/** Results that recall is measured on. */
export const K = 10;
/** Rows that are read, written and compared at once. */
export const BLOCK = 8192;
/** One row in so many has the same field `hundredth`. */
export const PERCENT = 100;

/** Form of the rows. */
export interface Form {
  readonly rows: number;
  readonly dimension: number;
}

/** The rows that are to be found for each query: among all, and among those whose `hundredth` is that of the query. */
export interface Truth {
  readonly all: readonly (readonly number[])[];
  readonly hundredth: readonly (readonly number[])[];
}

interface Scored {
  readonly row: number;
  readonly score: number;
}

/** The source of all vectors of this form: as many clusters as the root of the number of rows. */
export function sourceOf({ rows, dimension }: Form): Clustered {
  return new Clustered(dimension, Math.ceil(Math.sqrt(rows)));
}

/** Vector `i` of row-major ones. A copy, which is what native code wants: it reads from the start of a buffer. */
export function vectorAt(vectors: Float32Array, i: number, dimension: number): Float32Array {
  return vectors.slice(i * dimension, (i + 1) * dimension);
}

/** Writes the vectors of all rows, row-major float32. */
export async function writeVectors(path: string, form: Form): Promise<void> {
  const source = sourceOf(form);
  const file = openSync(path, 'w');
  try {
    for (let first = 0; first < form.rows; first += BLOCK) {
      writeSync(file, source.vectors(`block ${first}`, Math.min(BLOCK, form.rows - first)));
      tellRows('drawn', first, form);
    }
  } finally {
    closeSync(file);
  }
}

/** The vectors of all rows, a block at a time. */
export function* blocksOf(path: string, form: Form, what: string): Generator<{ first: number; vectors: Float32Array }> {
  const file = openSync(path, 'r');
  try {
    for (let first = 0; first < form.rows; first += BLOCK) {
      const vectors = new Float32Array(Math.min(BLOCK, form.rows - first) * form.dimension);
      readSync(file, vectors, 0, vectors.byteLength, 4 * first * form.dimension);
      yield { first, vectors };
      tellRows(what, first, form);
    }
  } finally {
    closeSync(file);
  }
}

function tellRows(what: string, first: number, { rows }: Form): void {
  if (process.stderr.isTTY) process.stderr.write(`${Math.min(rows, first + BLOCK)} of ${rows} rows ${what}\r`);
}

/** Compares all rows with all queries. */
export async function writeTruth(path: string, vectors: string, queries: Float32Array, form: Form): Promise<void> {
  const { dimension } = form;
  const count = queries.length / dimension;
  const all: Scored[][] = Array.from({ length: count }, () => []);
  const hundredth: Scored[][] = Array.from({ length: count }, () => []);
  for (const { first, vectors: block } of blocksOf(vectors, form, 'compared')) {
    const rows = Array.from({ length: block.length / dimension }, (_, i) => first + i);
    const every = Array.from({ length: count }, (_, query) => query);
    merge(all, block, rows, queries, every, dimension);
    for (let part = 0; part < Math.min(PERCENT, count); part++) {
      const some = rows.filter((row) => row % PERCENT === part);
      const ofPart = every.filter((query) => query % PERCENT === part);
      const gathered = gather(block, some, first, dimension);
      merge(hundredth, gathered, some, queries, ofPart, dimension);
    }
  }
  const rowsOf = (lists: readonly Scored[][]) => lists.map((list) => list.map(({ row }) => row));
  const truth: Truth = { all: rowsOf(all), hundredth: rowsOf(hundredth) };
  writeFileSync(path, JSON.stringify(truth));
}

export function readTruth(path: string): Truth {
  return JSON.parse(readFileSync(path, 'utf8')) as Truth;
}

/** The vectors of some rows, of a block that begins with row `first`. */
function gather(block: Float32Array, rows: readonly number[], first: number, dimension: number): Float32Array {
  const out = new Float32Array(rows.length * dimension);
  rows.forEach((row, i) => {
    out.set(block.subarray((row - first) * dimension, (row - first + 1) * dimension), i * dimension);
  });
  return out;
}

/** Brings the best rows of some queries up to date with further rows. */
function merge(
  best: Scored[][],
  vectors: Float32Array,
  rows: readonly number[],
  queries: Float32Array,
  some: readonly number[],
  dimension: number,
): void {
  const count = Math.min(K, rows.length);
  const asked = gather(queries, some, 0, dimension);
  const { keys, distances } = exactSearch(vectors, asked, dimension, count, MetricKind.IP, 0);
  some.forEach((query, i) => {
    for (let j = i * count; j < (i + 1) * count; j++) {
      best[query].push({ row: rows[Number(keys[j])], score: 1 - distances[j] });
    }
    best[query].sort((a, b) => b.score - a.score).splice(K);
  });
}
