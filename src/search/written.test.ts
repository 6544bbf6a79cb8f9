import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import { flat } from '../index/flat/flat-store.ts';
import { bruteForce, codeOf, DIMENSION, rowOf, vectorOf } from '../index/testing/rows.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { parsePart } from './part-text.ts';
import { search } from './search.ts';
import { readSet } from './set-file.ts';

describe('parsePart', () => {
  test.each([
    ['text:a dog, running', { text: 'a dog, running' }],
    ['-0.5*text:snow', { text: 'snow', weight: -0.5 }],
    ['+2 * image:/photos/a:b.jpg', { image: '/photos/a:b.jpg', weight: 2 }],
    ['.25*id:dogs/1.jpg', { id: 'dogs/1.jpg', weight: 0.25 }],
    ['vector:[0, -1.5e3]', { vector: [0, -1500] }],
    ['text:2*text:x', { text: '2*text:x' }],
  ])('%s', (written, part) => {
    expect(parsePart(written)).toEqual(part);
  });

  test.each([
    'dog',
    'words:dog',
    'text:',
    '*text:dog',
    '0.5text:dog',
    'vector:0.1',
    'vector:["a"]',
    'vector:[',
    '--1*id:a',
  ])('%s is refused', (written) => {
    expect(() => parsePart(written)).toThrow(`query: ${written}: `);
  });

  test('anything else is a part or a coded error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `0.5*vector:${text}`),
        ),
        (written) => {
          try {
            expect(Object.keys(parsePart(written)).length).toBeGreaterThan(0);
          } catch (error) {
            expect(isDiptychError(error, 'DIPTYCH_SEARCH_QUERY')).toBe(true);
          }
        },
      ),
    );
  });
});

describe('a set', () => {
  test.each([
    ['a\nb c\r\n\nd\n', ['a', 'b c', 'd']],
    ['["a", "b"]', ['a', 'b']],
    ['{"results": [{"id": "a", "score": 1}, {"id": "b"}], "more": 1}', ['a', 'b']],
    ['[{"id": "x"}]', ['x']],
    ['', []],
  ])('from %j', async (text, ids) => {
    const file = join(temporaryFolder(), 'set');
    writeFileSync(file, text);
    expect(await readSet(file)).toEqual(ids);
  });

  test.each(['{"ids": []}', '[1]', '[', '{"results": {}}'])('not from %j', async (text) => {
    const file = join(temporaryFolder(), 'set');
    writeFileSync(file, text);
    expect(await codeOf(readSet(file))).toBe('DIPTYCH_SEARCH_QUERY');
  });

  test('is searched as if the index held nothing else', async () => {
    const store = await flat.create(join(temporaryFolder(), 'store'), { fingerprint: 'f', dimension: DIMENSION });
    const rows = Array.from({ length: 60 }, (_, i) => rowOf(`r${i}`, i, { even: i % 2 === 0 }));
    await store.add(rows);
    const set = rows.slice(10, 40);
    const within = [...set.map(({ id }) => id), 'gone', 'r11'];
    for (const [seed, options] of [
      [100, { top: 7 }],
      [101, { top: 40, filter: { even: true } }],
      [102, { top: 40, threshold: 0.2 }],
    ] as const) {
      const vector = vectorOf(seed);
      const { top } = options;
      const filter = 'filter' in options ? options.filter : undefined;
      const threshold = 'threshold' in options ? options.threshold : undefined;
      const found = await search({ store }, undefined, { query: { vector }, within, ...options });
      const expected = bruteForce(set, vector, top, filter, threshold);
      expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      const everywhere = await search({ store }, undefined, { query: { vector }, top: 60 });
      for (const { id, score } of found) expect(everywhere.find((one) => one.id === id)?.score).toBe(score);
    }
    expect(await search({ store }, undefined, { query: { vector: vectorOf(1) }, within: [] })).toEqual([]);
    await store.close();
  });
});
