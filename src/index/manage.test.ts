/** @file How an index is searched: its graph, the copy that a graph may need, and what was asked for. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { beginVersion, type Index, openIndex, type StoreName, switchTo } from './index-folder.ts';
import { checkIndex, optimizeIndex } from './manage.ts';
import { withLance } from './testing/lance.ts';
import { DIMENSION, rowOf, vectorOf } from './testing/rows.ts';
import { acceleratedOf } from './usearch/accelerated.ts';

const ROWS = 300;
/** Rows so few that they are tried otherwise have a graph too. */
const always = { recall: 0.5, exactProducts: 0 };

/** An index of random vectors, in use. */
async function indexed(kind: StoreName): Promise<string> {
  const folder = join(temporaryFolder(), 'index');
  const index = await beginVersion(folder, { fingerprint: 'model A', dimension: DIMENSION }, kind);
  await index.store.add(Array.from({ length: ROWS }, (_, i) => rowOf(`${i}`, i)));
  await switchTo(index);
  await index.store.close();
  return folder;
}

withLance(() => {
  test('the copy of a graph goes with it, beside readers that have both open, and after a crash', {
    timeout: 60_000,
  }, async () => {
    const folder = await indexed('lance');
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
