import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { storeContract } from '../contract.ts';
import type { Row } from '../store.ts';
import { withLance } from '../testing/lance.ts';
import { codeOf, contentOf, DIMENSION, rowOf, vectorOf } from '../testing/rows.ts';
import { lance } from '../testing/stores.ts';
import { createLanceStore, openLanceStore } from './lance-store.ts';

/** So many that replacing them once is worth a compaction. */
const ROWS = 1100;

function rowsOf(round: number): Row[] {
  return Array.from({ length: ROWS }, (_, i) => rowOf(`${i}`, i, { round }));
}

function filesIn(folder: string, part: string): number {
  return readdirSync(join(folder, 'rows.lance', part)).length;
}

withLance(() => {
  const module = new URL('../testing/stores.ts', import.meta.url).href;
  storeContract('lance', { kind: lance, module, exported: 'lance' });

  test('who is reading goes on at the version it began with while rows are replaced and put together', {
    timeout: 60_000,
  }, async () => {
    const folder = join(temporaryFolder(), 'store');
    const store = await createLanceStore(folder, { fingerprint: 'model A', dimension: DIMENSION });
    await store.upsert(rowsOf(0));
    const reader = await openLanceStore(folder);
    const scan = reader.scan()[Symbol.asyncIterator]();
    const seen = [(await scan.next()).value as Row];
    for (const round of [1, 2]) await store.upsert(rowsOf(round));
    for (let step = await scan.next(); !step.done; step = await scan.next()) seen.push(step.value);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(ROWS);
    expect(new Set(seen.map(({ metadata }) => metadata.round))).toEqual(new Set([0]));
    expect((await reader.search(vectorOf(7), { k: 1 }))[0]).toMatchObject({ id: '7', metadata: { round: 0 } });
    expect(await reader.count({ round: 0 })).toBe(ROWS);
    expect(await store.verify()).toEqual([]);
    for (const one of [reader, store]) await one.close();
  });

  test('rows that are replaced for ever take bounded space, and a reader whose version is gone goes on with the newest', {
    timeout: 60_000,
  }, async () => {
    const folder = join(temporaryFolder(), 'store');
    let store = await createLanceStore(folder, { fingerprint: 'model A', dimension: DIMENSION, keep: 0 });
    await store.upsert(rowsOf(0));
    const reader = await openLanceStore(folder);
    for (let round = 1; round < 6; round++) {
      await store.upsert(rowsOf(round));
      expect(filesIn(folder, 'data')).toBeLessThan(3);
      expect(filesIn(folder, '_versions')).toBeLessThan(4);
      if (round !== 3) continue;
      await store.close();
      store = await openLanceStore(folder, { write: true, keep: 0 });
    }
    expect((await contentOf(reader)).map(({ metadata }) => metadata.round)).toEqual(new Array(ROWS).fill(5));
    await store.upsert(rowsOf(6));
    expect((await reader.search(vectorOf(7), { k: 1 }))[0]).toMatchObject({ id: '7', metadata: { round: 6 } });
    expect(reader.manifest()).toEqual(store.manifest());
    expect((await contentOf(store)).length).toBe(ROWS);
    for (const one of [reader, store]) await one.close();
  });

  test('a scan whose version is removed half-way says so, and a check goes on with the newest', {
    timeout: 240_000,
  }, async () => {
    const folder = join(temporaryFolder(), 'store');
    const store = await createLanceStore(folder, { fingerprint: 'model A', dimension: DIMENSION, keep: 0 });
    // Each write is a file of its own, of which a scan reads some ahead.
    for (let write = 0; write < 60; write++) {
      await store.add(Array.from({ length: 10 }, (_, i) => rowOf(`${write} ${i}`, i)));
    }
    const [reader, checker] = [await openLanceStore(folder), await openLanceStore(folder)];
    const scan = reader.scan()[Symbol.asyncIterator]();
    await scan.next();
    await store.compact();
    const rest = async () => {
      while (!(await scan.next()).done);
    };
    expect(await codeOf(rest())).toBe('DIPTYCH_INDEX_OVERTAKEN');
    expect((await contentOf(reader)).length).toBe(600);
    expect(await checker.verify()).toEqual([]);
    for (const one of [reader, checker, store]) await one.close();
  });

  test('rows whose file is gone are damage', { timeout: 60_000 }, async () => {
    const folder = join(temporaryFolder(), 'store');
    const store = await createLanceStore(folder, { fingerprint: 'model A', dimension: DIMENSION });
    for (const id of ['a', 'b']) await store.add([rowOf(id, 1)]);
    await store.close();
    const data = join(folder, 'rows.lance', 'data');
    rmSync(join(data, readdirSync(data)[0]));
    const reader = await openLanceStore(folder);
    expect(await reader.verify()).toEqual([{ place: folder, reason: expect.stringContaining('not found') }]);
    expect(await codeOf(contentOf(reader))).toBe('DIPTYCH_INDEX_DAMAGED');
    await reader.close();
  });
});
