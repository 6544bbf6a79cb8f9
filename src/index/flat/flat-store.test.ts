import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../random/random.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { storeContract } from '../contract.ts';
import type { Row } from '../store.ts';
import { codeOf, contentOf, DIMENSION, rowOf, sorted, vectorOf } from '../testing/rows.ts';
import { flat, flatFromDisk, flatInPieces } from '../testing/stores.ts';
import { createFlatStore, openFlatStore } from './flat-store.ts';

const module = new URL('../testing/stores.ts', import.meta.url).href;
for (const [exported, kind] of Object.entries({ flat, flatInPieces, flatFromDisk })) {
  storeContract(exported, { kind, module, exported });
}

const ROWS = 100;
const settings = { segmentRows: 64 };
const created = { fingerprint: 'model A', dimension: DIMENSION, ...settings };

function rowsOf(round: number): Row[] {
  return Array.from({ length: ROWS }, (_, i) => rowOf(`row ${i}`, round * ROWS + i, { round }));
}

/** Bytes of all vectors on disk, as rows. */
function rowsOnDisk(folder: string): number {
  const names = readdirSync(folder).filter((name) => name.endsWith('.vectors'));
  return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) / (4 * DIMENSION);
}

test('rows that are replaced for ever take bounded space, and who is reading is not disturbed', async () => {
  const folder = join(temporaryFolder(), 'store');
  const store = await createFlatStore(folder, created);
  await store.upsert(rowsOf(0));
  const reader = await openFlatStore(folder, settings);
  const scan = reader.scan();
  const seen = [(await scan.next()).value as Row];
  for (let round = 1; round < 12; round++) {
    await store.upsert(rowsOf(round));
    // The next change comes after the compaction.
    expect(await store.delete(['unknown'])).toBe(0);
    expect(rowsOnDisk(folder)).toBeLessThanOrEqual(1.25 * ROWS);
  }
  for await (const row of scan) seen.push(row);
  expect(sorted(seen)).toEqual(sorted(rowsOf(0)));
  expect((await reader.search(vectorOf(7), { k: 1 }))[0].id).toBe('row 7');
  await reader.refresh();
  for (const one of [reader, store]) expect(await contentOf(one)).toEqual(sorted(rowsOf(11)));
  expect(await store.verify()).toEqual([]);
  for (const one of [reader, store]) await one.close();
});

test('a store whose rows are pinned compacts itself when they are not any more', async () => {
  const folder = join(temporaryFolder(), 'store');
  const store = await createFlatStore(folder, created);
  store.pin(true);
  for (let round = 0; round < 4; round++) await store.upsert(rowsOf(round));
  await store.delete(['row 0']);
  expect(rowsOnDisk(folder)).toBe(4 * ROWS);
  store.pin(false);
  await store.delete(['row 1']);
  await store.close();
  expect(rowsOnDisk(folder)).toBe(ROWS - 2);
});

test('a compaction of its own that fails costs no write, and is tried again once as much more has gone', async () => {
  const folder = join(temporaryFolder(), 'store');
  const store = await createFlatStore(folder, created);
  await store.upsert(rowsOf(0));
  // Where the first file of the compaction must go lies a folder.
  const obstacle = join(folder, '00000006.vectors');
  mkdirSync(obstacle);
  expect((await store.upsert(rowsOf(1))).written).toBe(ROWS);
  expect(await codeOf(store.compact())).toBe('DIPTYCH_FILE_UNWRITABLE');
  rmSync(obstacle, { recursive: true });
  await store.delete(['row 0']);
  await store.delete(['unknown']);
  expect(rowsOnDisk(folder)).toBe(2 * ROWS);
  await store.upsert(rowsOf(2).slice(0, 70));
  await store.close();
  expect(rowsOnDisk(folder)).toBeLessThanOrEqual(1.25 * ROWS);
});

test('a reader that refreshes after each of many changes finds every id where it is now', async () => {
  const folder = join(temporaryFolder(), 'store');
  const small = { segmentRows: 16 };
  const store = await createFlatStore(folder, { ...created, ...small });
  const reader = await openFlatStore(folder, small);
  const random = new Random('refresh');
  const ids = Array.from({ length: 24 }, (_, i) => `${i}`);
  expect(await reader.get(ids)).toEqual(ids.map(() => undefined));
  for (let change = 0; change < 60; change++) {
    const some = ids.filter(() => random.uniform() < 0.2);
    if (random.uniform() < 0.3) await store.delete(some);
    else await store.upsert(some.map((id, i) => rowOf(id, 100 * change + i)));
    if (random.uniform() < 0.3) continue;
    await reader.refresh();
    const expected = new Map((await contentOf(reader)).map((row) => [row.id, row]));
    expect(await reader.get(ids)).toEqual(ids.map((id) => expected.get(id)));
  }
  for (const one of [reader, store]) await one.close();
});
