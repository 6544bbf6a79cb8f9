import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isDiptychError } from '../../errors/error.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import type { Row, Store } from '../store.ts';
import { codeOf, contentOf, DIMENSION, errorOf, rowOf, vectorOf } from '../testing/rows.ts';
import { createFlatStore, openFlatStore } from './flat-store.ts';

const settings = { segmentRows: 8 };

/** A store with three segments and some deletions; returns its rows. */
async function fill(folder: string): Promise<Row[]> {
  const store = await createFlatStore(folder, { fingerprint: 'model', dimension: DIMENSION, ...settings });
  await store.add(Array.from({ length: 20 }, (_, i) => rowOf(`${i}`, i, { i, text: `caption ${i}` })));
  await store.delete(['3', '9']);
  await store.upsert([rowOf('5', 50, { i: 5, text: 'new' })]);
  const rows = await contentOf(store);
  await store.close();
  return rows;
}

/** Copies a store with all its files but the lock. */
function copyOf(from: string): string {
  const to = join(temporaryFolder(), 'store');
  mkdirSync(to);
  for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name));
  return to;
}

/** Everything that a reader can ask. */
async function useAll(store: Store): Promise<void> {
  await store.get(['1', '19']);
  await store.search(vectorOf(1), { k: 3, filter: { text: { contains: 'caption' } } });
  await store.search(vectorOf(1), { k: 30 });
  await contentOf(store);
}

describe('damage', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-damage-'));
  let rows: Row[];
  beforeAll(async () => {
    rows = await fill(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const files = ['00000001.rows', '00000001.vectors', '00000003.vectors', '00000004.deleted', 'manifest.json'];

  test('the files are what this suite thinks they are', () => {
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(files));
  });

  test.each(files)('%s missing: a coded error that names it, and nothing else changes', async (name) => {
    const copy = copyOf(folder);
    const bytes = readFileSync(join(copy, name));
    rmSync(join(copy, name));
    for (const write of [false, true]) {
      const error = await errorOf(openFlatStore(copy, { write, ...settings }));
      const code = name === 'manifest.json' ? 'DIPTYCH_INDEX_MISSING' : 'DIPTYCH_INDEX_DAMAGED';
      expect(error).toMatchObject({ code, message: expect.stringContaining(name === 'manifest.json' ? copy : name) });
    }
    writeFileSync(join(copy, name), bytes);
    const store = await openFlatStore(copy, { write: true, ...settings });
    expect(await contentOf(store)).toEqual(rows);
    await store.close();
  });

  test.each(files)('%s cut short at any byte: a coded error, found on opening', async (name) => {
    const { size } = statSync(join(folder, name));
    for (const kept of [0, 1, size >> 1, size - 1]) {
      const copy = copyOf(folder);
      truncateSync(join(copy, name), kept);
      expect(await codeOf(openFlatStore(copy, { write: true, ...settings }))).toBe('DIPTYCH_INDEX_DAMAGED');
    }
  });

  test('any bit turned over in any file: a coded error from opening or from reading, in verify too', async () => {
    const property = fc.asyncProperty(fc.constantFrom(...files), fc.nat(), fc.nat(7), async (name, at, bit) => {
      const copy = copyOf(folder);
      const bytes = readFileSync(join(copy, name));
      bytes[at % bytes.length] ^= 1 << bit;
      writeFileSync(join(copy, name), bytes);
      const store = await openFlatStore(copy, settings).catch((error) => {
        expect(isDiptychError(error, 'DIPTYCH_INDEX_DAMAGED') || isDiptychError(error, 'DIPTYCH_INDEX_FORMAT')).toBe(
          true,
        );
      });
      if (store === undefined) return;
      expect((await store.verify()).map(({ place }) => place)).toContain(join(copy, name));
      expect(await codeOf(useAll(store))).toBe('DIPTYCH_INDEX_DAMAGED');
      await store.close();
      const writer = await openFlatStore(copy, { write: true, ...settings });
      expect(await codeOf(writer.compact())).toBe('DIPTYCH_INDEX_DAMAGED');
      await writer.close();
      expect(readFileSync(join(copy, name))).toEqual(bytes);
    });
    await fc.assert(property, { numRuns: 80 });
  });

  test('a manifest of another format is refused by its number', async () => {
    const copy = copyOf(folder);
    const { manifest } = JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8'));
    const newer = { ...manifest, format: 2 };
    const checksum = crc32(JSON.stringify(newer)).toString(16).padStart(8, '0');
    writeFileSync(join(copy, 'manifest.json'), JSON.stringify({ checksum, manifest: newer }));
    expect(await errorOf(openFlatStore(copy))).toMatchObject({ code: 'DIPTYCH_INDEX_FORMAT', fields: { format: 2 } });
  });

  test('what a dead writer left behind the committed rows is cut off, and stray files go', async () => {
    const copy = copyOf(folder);
    for (const name of ['00000003.rows', '00000003.vectors', '00000004.deleted']) {
      writeFileSync(join(copy, name), Buffer.concat([readFileSync(join(copy, name)), Buffer.from('half a row')]));
    }
    for (const name of ['00000009.rows', '00000009.vectors', 'manifest.json.1.abc.tmp'])
      writeFileSync(join(copy, name), 'x');
    writeFileSync(join(copy, 'notes.txt'), 'not ours');
    const reader = await openFlatStore(copy, settings);
    expect(await contentOf(reader)).toEqual(rows);
    const store = await openFlatStore(copy, { write: true, ...settings });
    await store.add([rowOf('after', 99)]);
    expect(await contentOf(store)).toEqual([...rows, rowOf('after', 99)].sort((a, b) => (a.id < b.id ? -1 : 1)));
    expect(await store.verify()).toEqual([]);
    const names = readdirSync(copy);
    expect(names).toContain('notes.txt');
    expect(names).not.toContain('00000009.rows');
    expect(names).not.toContain('manifest.json.1.abc.tmp');
    await Promise.all([reader.close(), store.close()]);
  });

  test('a write that fails leaves the version before, in memory and on disk', async () => {
    const copy = copyOf(folder);
    const store = await openFlatStore(copy, { write: true, ...settings });
    // A folder where the manifest must go: the rename fails as on a full disk, after all other files were written.
    rmSync(join(copy, 'manifest.json'));
    mkdirSync(join(copy, 'manifest.json', 'in the way'), { recursive: true });
    expect(await codeOf(store.upsert([rowOf('5', 1), rowOf('new', 2)]))).toBe('DIPTYCH_FILE_UNWRITABLE');
    expect(await codeOf(store.delete(['1']))).toBe('DIPTYCH_FILE_UNWRITABLE');
    expect(await codeOf(store.compact())).toBe('DIPTYCH_FILE_UNWRITABLE');
    expect(await contentOf(store)).toEqual(rows);
    rmSync(join(copy, 'manifest.json'), { recursive: true });
    expect((await store.upsert([rowOf('new', 3)])).written).toBe(1);
    await store.compact();
    expect(await store.verify()).toEqual([]);
    await store.close();
    const again = await openFlatStore(copy, settings);
    expect(await contentOf(again)).toEqual([...rows, rowOf('new', 3)].sort((a, b) => (a.id < b.id ? -1 : 1)));
    await again.close();
  });
});
