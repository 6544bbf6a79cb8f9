import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../random/random.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { storeContract } from '../contract.ts';
import type { Filter } from '../filter.ts';
import type { Row, Store } from '../store.ts';
import { withLance } from '../testing/lance.ts';
import { bruteForce, contentOf } from '../testing/rows.ts';
import { acceleratedFlat, flat, lance } from '../testing/stores.ts';
import { type AcceleratedStore, accelerate } from './accelerated.ts';

const DIMENSION = 16;
const ROWS = 3000;
/** The graph is asked whenever it can be. */
const limits = { products: 0, share: Infinity };

/** Rows in clusters, as the vectors of real pictures lie. */
function clustered(first: number, count: number): Row[] {
  const random = new Random('clustered', first);
  const centres = Array.from({ length: 30 }, (_, i) => {
    const centre = new Random('centre', i);
    return Float32Array.from({ length: DIMENSION }, () => centre.normal());
  });
  return Array.from({ length: count }, (_, i) => {
    const centre = centres[random.integer(30)];
    const vector = centre.map((x) => x + 0.4 * random.normal());
    const length = Math.hypot(...vector);
    const number = first + i;
    return { id: `row ${number}`, vector: vector.map((x) => x / length), metadata: { number, third: number % 3 } };
  });
}

/** The share of the best ten that a store finds, and that nothing else is wrong with its answers. */
async function recallOf(store: Store, rows: readonly Row[], filter?: Filter): Promise<number> {
  let found = 0;
  const queries = clustered(100_000, 50);
  for (const { vector } of queries) {
    const expected = bruteForce(rows, vector, 10, filter);
    const hits = await store.search(vector, { k: 10, filter });
    expect(hits.length).toBe(10);
    const there = new Map(rows.map((row) => [row.id, row]));
    for (const { id, metadata } of hits) expect(metadata).toEqual(there.get(id)!.metadata);
    const last = expected[9].score;
    found += hits.filter(({ score }) => score >= last - 1e-6).length;
  }
  return found / (10 * queries.length);
}

/** Signposts of fewer and other rows than those of the tests. */
async function foreignSignposts(): Promise<Buffer> {
  const folder = join(temporaryFolder(), 'store');
  const made = await flat.create(folder, { fingerprint: 'model A', dimension: DIMENSION });
  const store = await accelerate(folder, made, true, limits);
  await store.add(clustered(50_000, 300));
  const { graph } = await store.optimize({ recall: 0.9, exactProducts: 0 });
  await store.close();
  return readFileSync(join(folder, graph!.signposts!.file));
}

function acceleratedContract(name: string, kind: typeof flat): void {
  test(`${name}: a graph keeps in step with the store`, { timeout: 120_000 }, async () => {
    const folder = join(temporaryFolder(), 'store');
    const rows = new Map(clustered(0, ROWS).map((row) => [row.id, row]));
    const made = await kind.create(folder, { fingerprint: 'model A', dimension: DIMENSION });
    let store: AcceleratedStore = await accelerate(folder, made, true, limits);
    await store.add([...rows.values()]);
    const { graph, reasons } = await store.optimize({ recall: 0.95, exactProducts: 0 });
    expect(graph!.recall).toBeGreaterThanOrEqual(0.95);
    expect(reasons.at(-1)).toContain(`recall@10 ${graph!.recall.toFixed(4)} with ${graph!.candidates} candidates`);
    expect(await recallOf(store, [...rows.values()])).toBeGreaterThan(0.93);
    expect(await recallOf(store, [...rows.values()], { third: 1 })).toBeGreaterThan(0.93);
    expect(await recallOf(store, [...rows.values()], { number: { lt: 40 } })).toBeGreaterThan(0.93);

    const change = async (): Promise<void> => {
      const gone = [...rows.keys()].filter((_, i) => i % 5 === 0);
      await store.delete(gone);
      for (const id of gone) rows.delete(id);
      const moved = [...rows.values()]
        .slice(0, 100)
        .map((row, i) => ({ ...row, vector: clustered(7000, 100)[i].vector }));
      const fresh = clustered(8000 + rows.size, 100);
      await store.upsert([...moved, ...fresh]);
      for (const row of [...moved, ...fresh]) rows.set(row.id, row);
    };
    await change();
    expect(store.drift()).toBeGreaterThan(700);
    expect(await recallOf(store, [...rows.values()])).toBeGreaterThan(0.93);
    expect(await recallOf(store, [...rows.values()], { third: 1 })).toBeGreaterThan(0.93);

    const reader = await accelerate(folder, await kind.open(folder), false, limits);
    expect(reader.graph()).toEqual(store.graph());
    expect(await recallOf(reader, [...rows.values()])).toBeGreaterThan(0.93);
    const before = [...rows.values()];
    await change();
    expect(await recallOf(reader, before)).toBeGreaterThan(0.93);
    expect(await reader.refresh()).toBe(true);
    expect(await recallOf(reader, [...rows.values()])).toBeGreaterThan(0.93);
    await reader.close();

    await store.compact();
    expect(await recallOf(store, [...rows.values()])).toBeGreaterThan(0.93);
    await store.close();
    store = await accelerate(folder, await kind.open(folder, { write: true }), true, limits);
    expect(await recallOf(store, [...rows.values()])).toBeGreaterThan(0.93);
    expect((await contentOf(store)).map(({ id }) => id)).toEqual([...rows.keys()].sort());
    await store.optimize({ recall: 0.95, exactProducts: 0 });
    expect(store.drift()).toBe(0);
    expect(await recallOf(store, [...rows.values()])).toBeGreaterThan(0.93);
    expect(await store.verify()).toEqual([]);
    await store.close();
  });

  test(`${name}: damage of the graph is found, and answers come from the store where the graph cannot be opened`, {
    timeout: 240_000,
  }, async () => {
    const folder = join(temporaryFolder(), 'store');
    const rows = clustered(0, 500);
    const made = await kind.create(folder, { fingerprint: 'model A', dimension: DIMENSION });
    const store = await accelerate(folder, made, true, limits);
    await store.add(rows);
    const { graph } = await store.optimize({ recall: 0.9, exactProducts: 0 });
    expect(await store.verify()).toEqual([]);
    await store.close();
    const opened = async (): Promise<AcceleratedStore> => accelerate(folder, await kind.open(folder), false, limits);
    const foreign = await foreignSignposts();
    const random = new Random('damage', name);
    for (const file of [graph!.signposts!.file, graph!.file]) {
      const place = join(kind === flat ? folder : join(folder, 'mirror'), file);
      const whole = readFileSync(place);
      // The last rows' vectors and neighbours lie at the end, the table of rows before them, what it is at its head.
      for (const at of [whole.length - 1, ...Array.from({ length: 6 }, () => random.integer(whole.length)), 0]) {
        const bytes = Buffer.from(whole);
        bytes[at] ^= 1 << random.integer(8);
        writeFileSync(place, bytes);
        const reader = await opened();
        expect(await reader.verify(), `byte ${at}`).toEqual([{ place, reason: expect.stringContaining('checksum') }]);
        await reader.close();
      }
      for (const bytes of [whole.subarray(0, -1), Buffer.alloc(whole.length), foreign, undefined]) {
        if (bytes === undefined) rmSync(place);
        else writeFileSync(place, bytes);
        const reader = await opened();
        expect(reader.graph()).toBe(undefined);
        expect((await reader.verify()).map((damage) => damage.place)).toEqual([place]);
        expect((await reader.search(rows[7].vector, { k: 1 }))[0].id).toBe('row 7');
        await reader.close();
      }
      if (file === graph!.file) continue;
      // Signposts of other rows that look right lead nowhere, and take nothing from what the graph finds.
      writeFileSync(place, Buffer.concat([foreign, Buffer.alloc(whole.length - foreign.length)]));
      const reader = await opened();
      expect(reader.graph()).toBeDefined();
      expect((await reader.verify()).map((damage) => damage.place)).toEqual([place]);
      expect(await recallOf(reader, rows)).toBeGreaterThan(0.85);
      await reader.close();
      writeFileSync(place, whole);
    }
    const writer = await accelerate(folder, await kind.open(folder, { write: true }), true, limits);
    await writer.optimize({ recall: 0.9, exactProducts: 0 });
    expect(await writer.verify()).toEqual([]);
    expect(await recallOf(writer, rows)).toBeGreaterThan(0.85);
    await writer.close();
  });

  test(`${name}: rows are written while a graph is built, and one that is given up leaves the one before`, {
    timeout: 240_000,
  }, async () => {
    const folder = join(temporaryFolder(), 'store');
    const made = await kind.create(folder, { fingerprint: 'model A', dimension: DIMENSION });
    const store = await accelerate(folder, made, true, limits);
    await store.add(clustered(0, 1000));
    const wanted = { recall: 0.9, exactProducts: 0 };
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const building = store.optimize({ ...wanted, progress: { update: begin, note() {}, finish() {} } });
    await begun;
    const [fresh] = clustered(9000, 1);
    const writing = store.upsert([fresh]).then(() => store.delete(['row 0']));
    expect(await Promise.race([writing.then(() => 'written'), building.then(() => 'built')])).toBe('written');
    const { graph } = await building;
    expect(store.drift()).toBe(2);
    expect((await store.search(fresh.vector, { k: 1 }))[0].id).toBe(fresh.id);
    expect(await recallOf(store, await contentOf(store))).toBeGreaterThan(0.85);
    const ending = new AbortController();
    const given = store.optimize({ ...wanted, signal: ending.signal });
    setTimeout(() => ending.abort(), 50);
    await expect(given).rejects.toThrow();
    expect(store.graph()).toEqual(graph);
    expect(await recallOf(store, await contentOf(store))).toBeGreaterThan(0.85);
    expect(await store.verify()).toEqual([]);
    await store.close();
  });

  test(`${name}: a copy left behind by a writer that died catches up`, { timeout: 60_000 }, async () => {
    const folder = join(temporaryFolder(), 'store');
    const rows = clustered(0, 500);
    const made = await kind.create(folder, { fingerprint: 'model A', dimension: DIMENSION });
    let store: AcceleratedStore = await accelerate(folder, made, true, limits);
    await store.add(rows);
    await store.optimize({ recall: 0.9, exactProducts: 0 });
    await store.close();
    const alone = await kind.open(folder, { write: true });
    await alone.delete([rows[0].id, rows[1].id]);
    await alone.upsert([{ ...rows[2], metadata: { new: true } }, ...clustered(900, 3)]);
    const expected = await contentOf(alone);
    await alone.close();
    for (const write of [false, true]) {
      store = await accelerate(folder, await kind.open(folder, { write }), write, limits);
      expect(await recallOf(store, expected)).toBeGreaterThan(0.9);
      expect((await store.search(rows[2].vector, { k: 1 }))[0].metadata).toEqual({ new: true });
      await store.close();
    }
  });
}

const module = new URL('../testing/stores.ts', import.meta.url).href;
storeContract('accelerated', { kind: acceleratedFlat, module, exported: 'acceleratedFlat' });
acceleratedContract('flat', flat);
withLance(() => acceleratedContract('lance', lance));

test('few rows are all tried, and too little memory is said to be too little', async () => {
  const folder = join(temporaryFolder(), 'store');
  const made = await flat.create(folder, { fingerprint: 'model A', dimension: DIMENSION });
  const store = await accelerate(folder, made, true);
  await store.add(clustered(0, 200));
  expect(await store.optimize()).toMatchObject({
    graph: undefined,
    reasons: [expect.stringContaining('all 200 rows')],
  });
  const { graph, reasons } = await store.optimize({ memory: 1000, exactProducts: 0 });
  expect(graph).toBe(undefined);
  expect(reasons[0]).toMatch(/^i8 with 16 neighbours .* would take about 1 MiB, more than 1 MiB$/);
  expect(await recallOf(store, clustered(0, 200))).toBe(1);
  await store.close();
});
