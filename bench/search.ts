/**
 * @file Vector search in process: an index of clustered vectors (`support/clustered.ts`) as `index create` makes it, beside
 * usearch alone at its defaults and LanceDB alone, the same queries in turns. On stderr recall@10 against all rows, the
 * median and the 99th percentile of each, and the same with a filter that keeps 1 % of the rows.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exactSearch, Index, MetricKind, ScalarKind } from 'usearch';
import type { Filter } from '../src/index/filter.ts';
import { flat } from '../src/index/flat/flat-store.ts';
import { lance } from '../src/index/lance/lance-store.ts';
import { defaultStore } from '../src/index/manage.ts';
import type { Store } from '../src/index/store.ts';
import { accelerate } from '../src/index/usearch/accelerated.ts';
import { Clustered } from './support/clustered.ts';

const ROWS = Number(process.env.DIPTYCH_BENCH_ROWS ?? 1_000_000);
const DIMENSION = Number(process.env.DIPTYCH_BENCH_DIMENSION ?? 512);
const QUERIES = 500;
/** Of searches that take long only so many. */
const FEW = 20;
const BLOCK = 8192;
const K = 10;
const PERCENT = 100;

/** The best rows for each query: among all, and among those of one hundredth. */
interface Truth {
  readonly all: { row: number; score: number }[][];
  readonly hundredth: { row: number; score: number }[][];
}

interface Timed {
  readonly recall: number;
  readonly p50: number;
  readonly p99: number;
}

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
  const source = new Clustered(DIMENSION, Math.ceil(Math.sqrt(ROWS)));
  const queries = source.vectors('queries', QUERIES);
  const { kind } = await defaultStore();
  const stores = kind === 'lance' ? lance : flat;
  try {
    const place = join(folder, 'store');
    const made = await stores.create(place, { fingerprint: 'bench', dimension: DIMENSION });
    const ours = await accelerate(place, made, true);
    const alone = new Index(DIMENSION, MetricKind.IP, ScalarKind.F16);
    const truth: Truth = { all: emptyLists(), hundredth: emptyLists() };
    for (let first = 0; first < ROWS; first += BLOCK) {
      const count = Math.min(BLOCK, ROWS - first);
      const vectors = source.vectors(`block ${first}`, count);
      await made.add(
        Array.from({ length: count }, (_, i) => ({
          id: `row ${first + i}`,
          vector: vectors.subarray(i * DIMENSION, (i + 1) * DIMENSION),
          metadata: { number: first + i, hundredth: (first + i) % PERCENT },
        })),
      );
      alone.add(
        BigUint64Array.from({ length: count }, (_, i) => BigInt(first + i)),
        vectors,
        0,
      );
      compare(truth, vectors, first, count, queries);
      if ((first / BLOCK) % 10 === 0) process.stderr.write(`${first + count} rows\r`);
    }
    const { reasons } = await ours.optimize();
    for (const reason of reasons) process.stderr.write(`${reason}\n`);
    const start = performance.now();
    const reader = await accelerate(place, await stores.open(place), false);
    await reader.search(vectorOf(queries, 0), { k: K });
    process.stderr.write(`opened and answered after ${Math.round(performance.now() - start)} ms\n`);
    await reader.close();

    const search = (store: Store, filter?: (query: number) => Filter) => async (query: number) => {
      const hits = await store.search(vectorOf(queries, query), { k: K, filter: filter?.(query) });
      return hits.map(({ metadata }) => Number(metadata.number));
    };
    const one = (query: number): Filter => ({ hundredth: query % PERCENT });
    const byAlone = async (query: number) => Array.from(alone.search(vectorOf(queries, query), K, 1).keys, Number);
    await time(search(ours), truth.all, QUERIES);
    await time(search(ours, one), truth.hundredth, PERCENT);
    const mine = told('ours', await time(search(ours), truth.all, QUERIES));
    const theirs = told('usearch alone, f16', await time(byAlone, truth.all, QUERIES));
    told('ours, filter keeps 1 %', await time(search(ours, one), truth.hundredth, QUERIES));
    told(`${kind} alone`, await time(search(made), truth.all, FEW));
    told(`${kind} alone, filter keeps 1 %`, await time(search(made, one), truth.hundredth, FEW));
    await ours.close();
    return { name: 'search', ours: mine.p50, peer: theirs.p50, ratio: theirs.p50 / mine.p50, unit: 'ms' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function emptyLists(): { row: number; score: number }[][] {
  return Array.from({ length: QUERIES }, () => []);
}

function vectorOf(vectors: Float32Array, row: number): Float32Array {
  // A copy: usearch's exact search reads from the start of a buffer, wherever the array begins in it.
  return vectors.slice(row * DIMENSION, (row + 1) * DIMENSION);
}

/** Brings the best rows up to date with a block. */
function compare(
  { all, hundredth }: Truth,
  vectors: Float32Array,
  first: number,
  count: number,
  queries: Float32Array,
) {
  const rows = Array.from({ length: count }, (_, i) => first + i);
  for (let query = 0; query < QUERIES; query++) {
    merge(all[query], vectors, rows, vectorOf(queries, query));
    const kept = rows.filter((row) => row % PERCENT === query % PERCENT);
    const some = new Float32Array(kept.length * DIMENSION);
    kept.forEach((row, i) => {
      some.set(vectorOf(vectors, row - first), i * DIMENSION);
    });
    merge(hundredth[query], some, kept, vectorOf(queries, query));
  }
}

function merge(
  best: { row: number; score: number }[],
  vectors: Float32Array,
  rows: number[],
  query: Float32Array,
): void {
  const { keys, distances } = exactSearch(vectors, query, DIMENSION, Math.min(K, rows.length), MetricKind.IP, 1);
  keys.forEach((key, i) => {
    best.push({ row: rows[Number(key)], score: 1 - distances[i] });
  });
  best.sort((a, b) => b.score - a.score).splice(K);
}

async function time(search: (query: number) => Promise<number[]>, truth: Truth['all'], count: number): Promise<Timed> {
  const times: number[] = [];
  let found = 0;
  for (let query = 0; query < count; query++) {
    const start = performance.now();
    const rows = await search(query);
    times.push(performance.now() - start);
    const best = new Set(truth[query].map(({ row }) => row));
    found += rows.filter((row) => best.has(row)).length;
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(count - 1, Math.floor(share * count))];
  return { recall: found / (K * count), p50: at(0.5), p99: at(0.99) };
}

function told(name: string, timed: Timed): Timed {
  const { recall, p50, p99 } = timed;
  process.stderr.write(
    `${name.padEnd(34)} recall@10 ${recall.toFixed(4)}, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms\n`,
  );
  return timed;
}
