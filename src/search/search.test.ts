import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Index, openIndex } from '../index/index-folder.ts';
import { createIndex } from '../index/manage.ts';
import { listSource } from '../index/source.ts';
import { colourEncoder } from '../index/testing/encoder.ts';
import { writePicture } from '../index/testing/pictures.ts';
import { codeOf, errorOf } from '../index/testing/rows.ts';
import type { Query } from './query.ts';
import { captionsFor, search } from './search.ts';

const colours = ['red', 'blue', 'yellow', 'white', 'black', 'magenta'];
const root = mkdtempSync(join(tmpdir(), 'diptych-search-'));
const encoder = colourEncoder();
let index: Index;
let plain: Index;

beforeAll(async () => {
  const lines = [];
  for (const [i, colour] of colours.entries()) {
    const path = await writePicture(root, `${colour}.png`, colour);
    const name = colour === 'magenta' ? 'pink' : colour;
    lines.push({ path, id: colour, captions: [`a ${name} square`, `all ${name}`], year: 2018 + i, warm: i % 2 === 0 });
  }
  writeFileSync(join(root, 'list.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
  const source = await listSource(join(root, 'list.jsonl'));
  await createIndex(join(root, 'index'), encoder, [source], { captions: true });
  await createIndex(join(root, 'plain'), encoder, [source]);
  index = await openIndex(join(root, 'index'));
  plain = await openIndex(join(root, 'plain'));
});
afterAll(async () => {
  await index.store.close();
  await plain.store.close();
  rmSync(root, { recursive: true });
});

const ids = async (query: Query, options: object = {}, of: Index = index): Promise<string[]> =>
  (await search(of, encoder, { query, ...options })).map(({ id }) => id);

describe('search', () => {
  test('finds pictures for a text, each with score, path and metadata', async () => {
    const results = await search(index, encoder, { query: { text: 'a blue thing' }, top: 2 });
    expect(results.length).toBe(2);
    expect(results[0]).toMatchObject({
      id: 'blue',
      path: join(root, 'blue.png'),
      metadata: { kind: 'image', year: 2019, sha256: expect.any(String) },
    });
    expect(results[0].score).toBeGreaterThan(0.8);
    expect(results[0].score).toBeGreaterThan(results[1].score);
    expect(await ids({ text: 'a blue thing' }, { top: 2 }, plain)).toEqual(results.map(({ id }) => id));
  });

  test('finds pictures for a picture that is not in the index', async () => {
    const [result] = await search(index, encoder, {
      query: { image: await writePicture(root, 'other.png', '#fc0303') },
    });
    expect(result).toMatchObject({ id: 'red', score: expect.closeTo(1, 5) });
  });

  test('finds more like an item, and not the item itself, also without a model', async () => {
    const results = await search(index, undefined, { query: { id: 'red' }, top: 50 });
    expect(results.map(({ id }) => id).sort()).toEqual(colours.filter((colour) => colour !== 'red').sort());
    expect(await search(index, undefined, { query: [{ id: 'red' }, { id: 'blue' }], top: 3 })).toHaveLength(3);
  });

  test('finds pictures for a vector of any length', async () => {
    const [row] = await index.store.get(['yellow']);
    expect(await ids({ vector: row!.vector.map((x) => 5 * x) }, { top: 1 })).toEqual(['yellow']);
    expect(await ids({ vector: [...row!.vector] }, { top: 1 })).toEqual(['yellow']);
  });

  test('adds parts by weight and takes away those below 0', async () => {
    expect((await ids([{ text: 'red' }, { text: 'blue' }], { top: 2 })).sort()).toEqual(['blue', 'red']);
    expect(await ids([{ text: 'red', weight: 0.2 }, { text: 'blue' }], { top: 1 })).toEqual(['blue']);
    const without = await search(index, encoder, {
      query: [{ text: 'red' }, { text: 'blue' }, { id: 'blue', weight: -2 }],
    });
    expect(without[0].id).toBe('red');
  });

  test('keeps to threshold, filter and number', async () => {
    expect(await ids({ text: 'red' }, { threshold: 0.9 })).toEqual(['red']);
    expect(await ids({ text: 'red' }, { filter: { year: { gte: 2022 } } })).toEqual(
      expect.arrayContaining(['black', 'magenta']),
    );
    expect(await ids({ text: 'red' }, { filter: { year: { gte: 2022 } } })).toHaveLength(2);
    expect(await ids({ text: 'red' }, { filter: { captions: { contains: 'pink' } } })).toEqual(['magenta']);
    expect(await ids({ text: 'red' }, { top: 1, filter: { warm: false } })).not.toEqual(['red']);
    expect(await codeOf(ids({ text: 'red' }, { top: 0 }))).toBe('DIPTYCH_INDEX_OPTION');
    expect(await codeOf(ids({ text: 'red' }, { top: 1.5 }))).toBe('DIPTYCH_INDEX_OPTION');
    expect((await errorOf(ids({ text: 'red' }, { filter: { yaer: 3 } })))?.message).toContain('did you mean year');
    expect(await codeOf(ids({ text: 'red' }, { filter: { year: { near: 3 } } }))).toBe('DIPTYCH_FILTER_SHAPE');
  });

  test('refuses what it cannot search for', async () => {
    const bad: [Query, string][] = [
      [[], 'DIPTYCH_SEARCH_QUERY'],
      [{ text: ' \n' }, 'DIPTYCH_SEARCH_QUERY'],
      [{ text: 'red', weight: 0 }, 'DIPTYCH_SEARCH_QUERY'],
      [{ text: 'red', weight: Number.NaN }, 'DIPTYCH_SEARCH_QUERY'],
      [[{ text: 'red' }, { text: 'red', weight: -1 }], 'DIPTYCH_SEARCH_QUERY'],
      [{ image: join(root, 'gone.png') }, 'DIPTYCH_SEARCH_QUERY'],
      [{ image: join(root, 'list.jsonl') }, 'DIPTYCH_SEARCH_QUERY'],
      [{ id: 'gone' }, 'DIPTYCH_SEARCH_ID'],
      [{ vector: [1, 2, 3] }, 'DIPTYCH_INDEX_VECTOR'],
      [{ vector: new Float32Array(128) }, 'DIPTYCH_INDEX_VECTOR'],
    ];
    for (const [query, code] of bad) expect(await codeOf(ids(query)), JSON.stringify(query)).toBe(code);
    expect(await codeOf(search(index, undefined, { query: { text: 'red' } }))).toBe('DIPTYCH_SEARCH_QUERY');
    expect(await codeOf(search(index, colourEncoder('other'), { query: { text: 'red' } }))).toBe(
      'DIPTYCH_INDEX_FINGERPRINT',
    );
  });
});

describe('captionsFor', () => {
  test('finds the captions that fit a picture', async () => {
    const results = await captionsFor(index, encoder, { query: { image: join(root, 'magenta.png') }, top: 2 });
    expect(results.map(({ text }) => text).sort()).toEqual(['a pink square', 'all pink']);
    expect(results[0]).toEqual({
      id: expect.stringContaining('magenta'),
      score: expect.any(Number),
      text: expect.any(String),
      image: 'magenta',
      path: join(root, 'magenta.png'),
    });
    const filtered = await captionsFor(index, encoder, {
      query: { id: 'magenta' },
      filter: { text: { contains: 'all' } },
      top: 1,
    });
    expect(filtered[0].text).toBe('all pink');
  });

  test('says what to do when the index has none', async () => {
    const error = await errorOf(captionsFor(plain, encoder, { query: { id: 'red' } }));
    expect(error).toMatchObject({ code: 'DIPTYCH_SEARCH_CAPTIONS', cure: expect.stringContaining('--captions') });
  });
});
