/** @file Word vectors as text: what is read of well-formed files, and that malformed ones are refused with their line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { readWordVectors } from './word-vectors.ts';

const wanted = new Set(['dog', 'beach', '5']);

/** What is read of a text, or the coded error. */
function reader() {
  const path = join(temporaryFolder(), 'vectors.txt');
  return async (text: string | Uint8Array) => {
    writeFileSync(path, text);
    return readWordVectors(path, wanted).then(
      ({ vectors, width }) => ({ vectors: Object.fromEntries(vectors), width }),
      (error) => {
        if (!isDiptychError(error)) throw error;
        return error;
      },
    );
  };
}

test('the first vectors of the wanted words', async () => {
  const read = reader();
  const text = '5 2\nthe 9 9 x\nbeach 1 -2\ndog .5  1e1 \nbeach 3 4\ndog\ncafé 3\r\n\n5\t7\t8';
  expect(await read(text)).toEqual({ vectors: { beach: [1, -2], dog: [0.5, 10], 5: [7, 8] }, width: 2 });
  expect(await read('dog 1 2\n5 2\n')).toMatchObject({ message: expect.stringContaining(':2: 1 numbers, 2 before') });
  expect(await read(Buffer.from('Z\xff 1\ndog 1 2\n', 'latin1'))).toEqual({ vectors: { dog: [1, 2] }, width: 2 });
});

test.each([
  ['', 'none of the 3 words'],
  ['cat 1 2\n', 'none of the 3 words'],
  ['cat\ndog 1 2\nbeach 1 2 3\n', ':3: 3 numbers, 2 before, for "beach"'],
  ['dog\n', ':1: no numbers for "dog"'],
  ['dog 1 x\n', ':1: "x" in place of a number'],
  ['dog 0x10 1\n', '"0x10"'],
  ['dog NaN 1\n', '"NaN"'],
  ['dog 1 1e39\n', '"1e39"'],
])('%j is refused', async (text, message) => {
  expect(await reader()(text)).toMatchObject({
    code: 'DIPTYCH_WORD_VECTORS',
    message: expect.stringContaining(message),
  });
});

const number = fc.float({ noNaN: true, noDefaultInfinity: true });
const other = fc.stringMatching(/^[a-z]{6}( [a-z0-9.]{1,4}){0,4}$/);

test('any vectors come back as they were written, whatever stands between them', async () => {
  const read = reader();
  const file = fc.integer({ min: 1, max: 5 }).chain((width) =>
    fc.record({
      vectors: fc.dictionary(fc.constantFrom(...wanted), fc.array(number, { minLength: width, maxLength: width }), {
        minKeys: 1,
        noNullPrototype: true,
      }),
      others: fc.array(other),
      separator: fc.constantFrom(' ', '\t', '  '),
      end: fc.constantFrom('\n', '\r\n', ' \n'),
    }),
  );
  await fc.assert(
    fc.asyncProperty(file, async ({ vectors, others, separator, end }) => {
      const lines = Object.entries(vectors).map((row) => row.flat().map(String).join(separator));
      const text = ['header', ...lines.flatMap((line, i) => [others[i] ?? '', line]), ...others].join(end);
      const expected = Object.entries(vectors).map(([word, row]) => [word, row.map((x) => x || 0)]);
      const found = await read(text);
      expect(found).toEqual({ vectors: Object.fromEntries(expected), width: Object.values(vectors)[0].length });
    }),
    { numRuns: 100 },
  );
});

test('malformed lines give vectors of one width that are finite, or the coded error that names a line', async () => {
  const read = reader();
  const field = fc.oneof(
    number.map(String),
    fc.constantFrom('dog', '', 'NaN', '-', '1e999', '1,5', '0x1', '∞', '\0', '+1.', '1e', '\ufeff'),
    fc.string({ maxLength: 4 }),
  );
  const line = fc.tuple(fc.constantFrom('dog', 'beach', '5', ' dog', '', 'cat'), fc.array(field, { maxLength: 4 }));
  const texts = fc.array(line, { maxLength: 6 }).map((lines) => lines.map((row) => row.flat().join(' ')).join('\n'));
  const outcomes = new Set<string>();
  const bytes = fc.uint8Array({ maxLength: 64 }).map((tail) => Buffer.concat([Buffer.from('dog 1 2\nbeach '), tail]));
  await fc.assert(
    fc.asyncProperty(fc.oneof(texts, bytes), async (text) => {
      const found = await read(text);
      outcomes.add('code' in found ? found.code : 'read');
      if ('code' in found) {
        expect(found.code).toBe('DIPTYCH_WORD_VECTORS');
        expect(found.message).toMatch(/:\d+: |none of the 3 words/);
        return;
      }
      const rows = Object.values(found.vectors);
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) {
        expect(row).toHaveLength(found.width);
        expect(Float32Array.from(row).every(Number.isFinite)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
  expect([...outcomes].sort()).toEqual(['DIPTYCH_WORD_VECTORS', 'read']);
});
