/** @file Versions of an index side by side: readers of the one before go on when another is put into use. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { beginVersion, type Index, openIndex, type StoreName, switchTo, versionsIn } from './index-folder.ts';
import { withLance } from './testing/lance.ts';
import { bruteForce, contentOf, DIMENSION, rowOf, vectorOf } from './testing/rows.ts';

async function newVersion(folder: string, kind: StoreName, fingerprint: string, first: number): Promise<Index> {
  const index = await beginVersion(folder, { fingerprint, dimension: DIMENSION }, kind);
  for (let batch = 0; batch < 4; batch++) {
    const numbers = Array.from({ length: 25 }, (_, i) => first + 25 * batch + i);
    await index.store.add(numbers.map((i) => rowOf(`${i}`, i, { number: i, even: i % 2 === 0 })));
  }
  await index.store.delete([`${first}`]);
  await switchTo(index);
  await index.store.close();
  return index;
}

async function opened(folder: string): Promise<Index> {
  const index = await openIndex(folder);
  onTestFinished(() => index.store.close());
  return index;
}

function versionContract(kind: StoreName): void {
  test(`${kind}: a reader goes on with its version after a switch, whatever it has read before`, async () => {
    const folder = join(temporaryFolder(), 'index');
    await newVersion(folder, kind, 'model A', 0);
    const [fresh, used] = [await opened(folder), await opened(folder)];
    const rows = await contentOf(used.store);
    expect(rows.length).toBe(99);

    await newVersion(folder, kind, 'model B', 1000);
    expect(await versionsIn(folder)).toEqual(['v1', 'v2']);
    for (const { store, version } of [fresh, used]) {
      expect(version).toBe('v1');
      const hits = await store.search(vectorOf(7), { k: 5, filter: { even: true } });
      expect(hits.map(({ id }) => id)).toEqual(bruteForce(rows, vectorOf(7), 5, { even: true }).map(({ id }) => id));
      expect(await store.get(['7', '1007'])).toEqual([rows.find(({ id }) => id === '7'), undefined]);
      expect(await store.count({ number: { lt: 50 } })).toBe(49);
      expect(await contentOf(store)).toEqual(rows);
      expect(await store.verify()).toEqual([]);
      expect(await store.refresh()).toBe(false);
    }
    const now = await opened(folder);
    expect([now.version, now.store.manifest().fingerprint]).toEqual(['v2', 'model B']);

    const begun = await beginVersion(folder, { fingerprint: 'model C', dimension: DIMENSION }, kind);
    await begun.store.close();
    await newVersion(folder, kind, 'model D', 2000);
    // What was begun for another model and never used went with what is two switches old.
    expect(await versionsIn(folder)).toEqual(['v2', 'v4']);
    expect(existsSync(join(folder, 'v1'))).toBe(false);
    expect((await contentOf(now.store)).length).toBe(99);
    await switchTo(await opened(folder));
    expect(await versionsIn(folder)).toEqual(['v2', 'v4']);
  });
}

versionContract('flat');
withLance(() => versionContract('lance'));
