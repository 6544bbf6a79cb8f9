/** @file Tight clusters far from one another, written one after the other: what a graph of near neighbours loses whole. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../random/random.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import type { Row } from '../store.ts';
import { bruteForce } from '../testing/rows.ts';
import { flat } from '../testing/stores.ts';
import { accelerate } from './accelerated.ts';
import { Graph } from './graph.ts';
import { type GraphParameters, RECALL_AT } from './graph-file.ts';
import { guidedWalks, signpostParameters, signpostsOf } from './signposts.ts';

const DIMENSION = 32;
const CLUSTERS = 40;
const ROWS = 4000;
const NOISE = 0.1;
const parameters: GraphParameters = { quantization: 'i8', connectivity: 16, expansion: 128 };

/** As many rows of each cluster, one cluster after the other. */
function tight(name: string, count: number): Row[] {
  const centres = Array.from({ length: CLUSTERS }, (_, i) => {
    const random = new Random('tight', i);
    return Float32Array.from({ length: DIMENSION }, () => random.normal());
  });
  const random = new Random('tight', name);
  return Array.from({ length: count }, (_, i) => {
    const vector = centres[Math.floor((i * CLUSTERS) / count)].map((x) => x + NOISE * random.normal());
    const length = Math.hypot(...vector);
    return { id: `${name} ${i}`, vector: vector.map((x) => x / length), metadata: {} };
  });
}

function flattened(rows: readonly Row[]): Float32Array {
  const out = new Float32Array(rows.length * DIMENSION);
  rows.forEach(({ vector }, i) => {
    out.set(vector, i * DIMENSION);
  });
  return out;
}

/** A graph of rows that join one after the other: with several at once it is another one each time. */
function graphOf(rows: readonly Row[], order: readonly number[], by: GraphParameters): Graph {
  const graph = Graph.empty(DIMENSION, by);
  for (const i of order) graph.add([i], rows[i].vector);
  return graph;
}

/** The share of the best ten that are found. */
async function recallOf(rows: readonly Row[], find: (vector: Float32Array) => Promise<string[]>): Promise<number> {
  const queries = tight('query', 2 * CLUSTERS);
  let found = 0;
  for (const { vector } of queries) {
    const best = new Set(bruteForce(rows, vector, RECALL_AT, undefined).map(({ id }) => id));
    found += (await find(vector)).filter((id) => best.has(id)).length;
  }
  return found / (RECALL_AT * queries.length);
}

test('a graph that met one cluster after the other does not lead to some, and does once they are linked anew', {
  timeout: 120_000,
}, async () => {
  const rows = tight('row', ROWS);
  const vectors = flattened(rows);
  const places = [...rows.keys()];
  const graph = graphOf(rows, places, parameters);
  const recall = (): Promise<number> =>
    recallOf(rows, async (vector) => graph.search(vector, parameters.expansion).map((place) => rows[place].id));
  const lost = graph.unreached(places, vectors, parameters.expansion);
  expect(lost.length).toBeGreaterThan(0.01 * ROWS);
  const before = await recall();
  for (let round = 0, missed = lost; missed.length > 0 && round < 3; round++) {
    graph.relink(missed, flattened(missed.map((i) => rows[i])));
    missed = graph.unreached(places, vectors, parameters.expansion);
  }
  expect(graph.size).toBe(ROWS);
  expect(graph.unreached(places, vectors, parameters.expansion).length).toBeLessThan(0.001 * ROWS);
  expect(await recall()).toBeGreaterThan(before + 0.01);
});

test('signposts lead to clusters that the walk through all rows misses', { timeout: 120_000 }, async () => {
  const rows = tight('row', ROWS);
  const places = [...rows.keys()];
  const vectors = flattened(rows);
  const order = new Random('order').shuffle([...places]);
  // With so few neighbours clusters hang together, but hardly with each other.
  const weak = { ...parameters, connectivity: 2, expansion: 64 };
  const count = 32;
  const graph = graphOf(rows, order, weak);
  const missed = graph.unreached(places, vectors, weak.expansion);
  graph.relink(missed, flattened(missed.map((i) => rows[i])));
  const signs = signpostsOf(order);
  const signposts = graphOf(rows, signs, signpostParameters(weak));
  const recall = (by: Graph | undefined): Promise<number> =>
    recallOf(rows, async (vector) => {
      const found = (await guidedWalks(graph, by, vector, count, async (place) => rows[place].vector)).flat();
      return found.map((place) => rows[place].id);
    });
  expect(await recall(signposts)).toBeGreaterThan((await recall(undefined)) + 0.01);
});

test('twins are found when one of them is', () => {
  const [{ vector }] = tight('row', ROWS);
  const graph = Graph.empty(DIMENSION, parameters);
  const places = Array.from({ length: 200 }, (_, i) => i);
  const vectors = flattened(places.map((i) => ({ id: `${i}`, vector, metadata: {} })));
  graph.add(places, vectors);
  expect(graph.unreached(places, vectors, 16)).toEqual([]);
});

test('an index of tight clusters written one after the other finds what there is', { timeout: 240_000 }, async () => {
  const folder = join(temporaryFolder(), 'store');
  const rows = tight('row', ROWS);
  const made = await flat.create(folder, { fingerprint: 'model A', dimension: DIMENSION });
  const store = await accelerate(folder, made, true, { products: 0, share: Number.POSITIVE_INFINITY });
  await store.add(rows);
  const { graph, reasons } = await store.optimize({ exactProducts: 0 });
  // Where clusters are lost, nothing on this short a way reaches the recall.
  expect(graph!.parameters).toEqual(parameters);
  expect(graph!.reach!.searched).toBeGreaterThan(0.85 * ROWS);
  expect(graph!.reach!.unreached).toBeLessThan(0.001 * ROWS);
  expect(reasons[0]).toMatch(/rows that were searched for by their own vectors, \d+ were not found/);
  const recall = await recallOf(rows, async (vector) =>
    (await store.search(vector, { k: RECALL_AT })).map(({ id }) => id),
  );
  expect(recall).toBeGreaterThanOrEqual(0.99);
  await store.close();
});
