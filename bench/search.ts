/**
 * @file Vector search in process: an index of clustered vectors (`support/clustered.ts`) as `index create` makes it, beside
 * usearch alone and LanceDB alone with an index of its own, over the same rows and queries, in turns. On stderr recall@10
 * against all rows, the median and the 99th percentile of each, and the same with a filter that keeps 1 % of the rows.
 *
 * `DIPTYCH_BENCH_KEEP` names a folder in which everything that is searched is kept (about 12 kB a row); a second run with it
 * measures only.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Index, MetricKind, ScalarKind } from 'usearch';
import type { Filter } from '../src/index/filter.ts';
import { flat } from '../src/index/flat/flat-store.ts';
import { whyNoLance } from '../src/index/lance/binding.ts';
import { lance } from '../src/index/lance/lance-store.ts';
import type { StoreKind } from '../src/index/store.ts';
import { accelerate } from '../src/index/usearch/accelerated.ts';
import { openLanceAlone, writeLanceAlone } from './support/lance-alone.ts';
import { kept } from './support/stages.ts';
import {
  blocksOf,
  type Form,
  K,
  PERCENT,
  readTruth,
  sourceOf,
  type Truth,
  vectorAt,
  writeTruth,
  writeVectors,
} from './support/vectors.ts';

const form: Form = {
  rows: Number(process.env.DIPTYCH_BENCH_ROWS ?? 1_000_000),
  dimension: Number(process.env.DIPTYCH_BENCH_DIMENSION ?? 512),
};
const QUERIES = 1000;
/** Other queries that come first, as a service that runs has answered some. */
const WARMING = 1000;
const WARMING_MS = 5000;
/** Of searches that take long only so many. */
const FEW = 100;
const TURNS = 3;
const RECALL = 0.99;

/** Finds the numbers of the best rows for a query of a list. */
type Search = (queries: Float32Array, query: number) => Promise<readonly number[]>;

interface Timed {
  readonly recall: number;
  readonly p50: number;
  readonly p99: number;
}

export async function run(): Promise<{ name: string; ours: number; peer: number; ratio: number; unit: string }> {
  const keep = process.env.DIPTYCH_BENCH_KEEP;
  const folder = keep ?? mkdtempSync(join(tmpdir(), 'diptych-bench-'));
  try {
    return await measure(join(folder, `${form.rows}x${form.dimension}`));
  } finally {
    if (keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string) {
  const { dimension } = form;
  const withLance = (await whyNoLance()) === undefined;
  const stores = withLance ? lance : flat;
  const queries = sourceOf(form).vectors('queries', QUERIES);
  const others = sourceOf(form).vectors('other queries', WARMING);

  const vectors = await kept(folder, 'vectors', (path) => writeVectors(path, form));
  const truth = readTruth(await kept(folder, 'truth.json', (path) => writeTruth(path, vectors, queries, form)));
  const place = await kept(folder, 'ours', (path) => writeOurs(path, vectors, stores));
  const peerPlace = await kept(folder, 'alone.usearch', (path) => writeUsearch(path, vectors));
  const lancePlace = withLance
    ? await kept(folder, 'lance', (path) => writeLanceAlone(path, vectors, form))
    : undefined;

  const start = performance.now();
  const ours = await accelerate(place, await stores.open(place), false);
  await ours.search(vectorAt(others, 0, dimension), { k: K });
  tell(`ours opened and answered after ${Math.round(performance.now() - start)} ms`);
  for (const reason of ours.graph()?.reasons ?? []) tell(`ours: ${reason}`);
  const alone = emptyUsearch();
  alone.load(peerPlace);

  const byOurs =
    (filter?: (query: number) => Filter): Search =>
    async (from, query) => {
      const hits = await ours.search(vectorAt(from, query, dimension), { k: K, filter: filter?.(query) });
      return hits.map(({ metadata }) => Number(metadata.number));
    };
  const filtered = byOurs((query) => ({ hundredth: query % PERCENT }));
  const byUsearch: Search = async (from, query) =>
    Array.from(alone.search(vectorAt(from, query, dimension), K, 1).keys, Number);

  for (const search of [byOurs(), byUsearch, filtered]) await warm(search, others);
  const [mine, theirs, mineFiltered]: Round[] = [emptyRound(), emptyRound(), emptyRound()];
  for (let turn = 0; turn < TURNS; turn++) {
    await go(mine, byOurs(), queries, truth.all, QUERIES);
    await go(theirs, byUsearch, queries, truth.all, QUERIES);
    await go(mineFiltered, filtered, queries, truth.hundredth, QUERIES);
  }
  const result = told('ours', mine);
  const peer = told('usearch alone, f16, its defaults', theirs);
  told('ours, filter keeps 1 %', mineFiltered);
  if (lancePlace !== undefined) await measureLance(lancePlace, queries, others, truth);
  await ours.close();
  return { name: 'search', ours: result.p50, peer: peer.p50, ratio: peer.p50 / result.p50, unit: 'ms' };
}

async function measureLance(place: string, queries: Float32Array, others: Float32Array, truth: Truth): Promise<void> {
  const { dimension } = form;
  const { probing, search } = await openLanceAlone(place, RECALL, async (search, count) => {
    const round = emptyRound();
    await go(round, (from, query) => search(vectorAt(from, query, dimension)), queries, truth.all, count);
    return timed(round).recall;
  });
  tell(`LanceDB alone: IVF_PQ, ${probing.nprobes} probes, refine factor ${probing.refine}`);
  const plain: Search = (from, query) => search(vectorAt(from, query, dimension));
  const filtered: Search = (from, query) => search(vectorAt(from, query, dimension), query % PERCENT);
  for (const [name, one, best] of [
    ['LanceDB alone', plain, truth.all],
    ['LanceDB alone, filter keeps 1 %', filtered, truth.hundredth],
  ] as const) {
    const round = emptyRound();
    await warm(one, others);
    await go(round, one, queries, best, FEW);
    told(name, round);
  }
}

/** An index as `index create` makes it: the rows, then the graph that reaches the recall. */
async function writeOurs(place: string, vectors: string, stores: StoreKind): Promise<void> {
  const made = await stores.create(place, { fingerprint: 'bench', dimension: form.dimension });
  const ours = await accelerate(place, made, true);
  for (const { first, vectors: block } of blocksOf(vectors, form, 'in ours')) {
    const count = block.length / form.dimension;
    await ours.add(
      Array.from({ length: count }, (_, i) => ({
        id: `row ${first + i}`,
        vector: vectorAt(block, i, form.dimension),
        metadata: { number: first + i, hundredth: (first + i) % PERCENT },
      })),
    );
  }
  tell('rows of ours are in; its graph is being built');
  await ours.optimize({ recall: RECALL });
  await ours.close();
}

function emptyUsearch(): Index {
  return new Index(form.dimension, MetricKind.IP, ScalarKind.F16);
}

async function writeUsearch(path: string, vectors: string): Promise<void> {
  const index = emptyUsearch();
  for (const { first, vectors: block } of blocksOf(vectors, form, 'in usearch')) {
    const keys = BigUint64Array.from({ length: block.length / form.dimension }, (_, i) => BigInt(first + i));
    index.add(keys, block, 0);
  }
  index.save(path);
}

/** Times of searches, and how many of the best rows they found. */
interface Round {
  readonly times: number[];
  found: number;
}

function emptyRound(): Round {
  return { times: [], found: 0 };
}

async function warm(search: Search, others: Float32Array): Promise<void> {
  const start = performance.now();
  for (let query = 0; query < WARMING || performance.now() - start < WARMING_MS; query++) {
    await search(others, query % WARMING);
    if (query % FEW === 0 && performance.now() - start > 2 * WARMING_MS) return;
  }
}

async function go(
  round: Round,
  search: Search,
  queries: Float32Array,
  truth: Truth['all'],
  count: number,
): Promise<void> {
  for (let query = 0; query < count; query++) {
    const start = performance.now();
    const rows = await search(queries, query);
    round.times.push(performance.now() - start);
    const best = new Set(truth[query]);
    round.found += rows.filter((row) => best.has(row)).length;
  }
}

function timed({ times, found }: Round): Timed {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { recall: found / (K * times.length), p50: at(0.5), p99: at(0.99) };
}

function told(name: string, round: Round): Timed {
  const { recall, p50, p99 } = timed(round);
  tell(
    `${name.padEnd(34)} recall@10 ${recall.toFixed(4)}, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms (${round.times.length} searches)`,
  );
  return timed(round);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
