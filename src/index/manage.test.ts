/** @file How an index is searched: its graph, the copy that a graph may need, and what was asked for. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { beginVersion, type Index, openIndex, type StoreName, switchTo } from './index-folder.ts';
import { checkIndex, isBehind, keepUp, optimizeIndex } from './manage.ts';
import type { Row } from './store.ts';
import { withLance } from './testing/lance.ts';
import { rowOf, vectorOf } from './testing/rows.ts';
import { acceleratedOf } from './usearch/accelerated.ts';

const ROWS = 300;
/** Rows so few that they are tried otherwise have a graph too. */
const always = { recall: 0.5, exactProducts: 0 };

/** An index of random vectors, in use. */
async function indexed(kind: StoreName, rows: readonly Row[]): Promise<string> {
  const folder = join(temporaryFolder(), 'index');
  const dimension = rows[0].vector.length;
  const index = await beginVersion(folder, { fingerprint: 'model A', dimension }, kind);
  await index.store.add(rows);
  await switchTo(index);
  await index.store.close();
  return folder;
}

withLance(() => {
  test('the copy of a graph goes with it, beside readers that have both open, and after a crash', {
    timeout: 240_000,
  }, async () => {
    const folder = await indexed(
      'lance',
      Array.from({ length: ROWS }, (_, i) => rowOf(`${i}`, i)),
    );
    const copy = join(folder, 'v1', 'mirror');
    const nearest = async ({ store }: Index) => (await store.search(vectorOf(7), { k: 1 }))[0].id;
    expect((await optimizeIndex(folder, always)).graph).toBeDefined();
    expect(readdirSync(copy)).toContain('mirror.json');
    const reader = await openIndex(folder);
    expect(acceleratedOf(reader.store)!.graph()).toBeDefined();

    expect((await optimizeIndex(folder)).graph).toBe(undefined);
    expect(existsSync(copy)).toBe(false);
    expect(await nearest(reader)).toBe('7');
    await reader.store.refresh();
    expect(acceleratedOf(reader.store)!.graph()).toBe(undefined);
    expect(await nearest(reader)).toBe('7');
    await reader.store.close();

    await optimizeIndex(folder, always);
    rmSync(join(copy, 'graph.json'));
    rmSync(join(copy, 'manifest.json'));
    expect(await checkIndex(folder)).toEqual({ rows: ROWS, damages: [] });
    expect(existsSync(copy)).toBe(true);
    await (await openIndex(folder, { write: true })).store.close();
    expect(existsSync(copy)).toBe(false);
    expect(await checkIndex(folder)).toEqual({ rows: ROWS, damages: [] });
  });
});

test('what was asked of the graph is asked again when it is built again, and one that cannot fit is not tried again', {
  timeout: 240_000,
}, async () => {
  // Vectors so long that these few rows are worth a graph.
  const rows = Array.from({ length: 6 }, (_, i) => ({
    id: `${i}`,
    vector: new Float32Array(2 ** 20).fill(1, i, i + 1),
    metadata: {},
  }));
  const folder = await indexed('flat', rows);
  const small = await optimizeIndex(folder, { recall: 0.6, memory: 2 ** 20 });
  expect(small.graph).toBe(undefined);
  expect(small.reasons.at(-1)).toContain('more than 1 MiB');
  expect(await optimizeIndex(folder)).toEqual(small);

  const index = await openIndex(folder, { write: true });
  const notes: string[] = [];
  const progress = { update() {}, finish() {}, note: (note: string) => notes.push(note) };
  expect(isBehind(index.store)).toBe(true);
  await keepUp(index, { progress });
  expect(notes).toEqual([]);
  // Rows that went may have made room.
  await index.store.delete(['0']);
  await keepUp(index, { progress });
  expect(notes.at(-1)).toContain('more than 1 MiB');
  await index.store.close();

  const wanted = { recall: 0.6, memory: 2 ** 26 };
  expect((await optimizeIndex(folder, { memory: wanted.memory })).graph).toMatchObject({ wanted });
  const again = await openIndex(folder, { write: true });
  await keepUp(again);
  expect(acceleratedOf(again.store)!.graph()).toMatchObject({ wanted });
  await again.store.close();
});
