/** @file JSON and text files: places of faults against the engine's verdict, and what the messages name. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { isDiptychError } from '../errors/error.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { readJson, writeJson } from './json.ts';
import { faultOf } from './json-fault.ts';
import { readLines, readText } from './text.ts';

test.each([
  ['', 1, 1, 'it ends where a value was expected'],
  ['{"a": 1,\n "b" 2}', 2, 6, ': was expected, not "2}"'],
  ['[1, 2\n', 2, 1, 'it ends where , or ] was expected'],
  ['{"a": [1, 2}', 1, 12, ', or ] was expected, not "}"'],
  ['{"a": 1,}', 1, 9, 'a name was expected, not "}"'],
  ['[1,]', 1, 4, 'a value was expected, not "]"'],
  ['{} {}', 1, 4, 'the end was expected, not "{}"'],
  ["{'a': 1}", 1, 2, 'a name or } was expected, not "\'a\': 1}"'],
  ['[01]', 1, 3, ', or ] was expected, not "1]"'],
  ['[NaN]', 1, 2, 'a value or ] was expected, not "NaN]"'],
  ['["a\nb"]', 1, 2, 'a value or ] was expected, not "\\"a\\nb\\"]"'],
  ['["\\x"]', 1, 2, 'a value or ] was expected, not "\\"\\\\x\\"]"'],
])('the fault of %j is found', (text, line, column, reason) => {
  expect(faultOf(text)).toEqual({ line, column, reason });
});

test('a fault lies in every text that the engine refuses, at the cut of every text cut off', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('', '"', '}', ']', ',', ':', '\\', '1', 'x'), (json, at, mark) => {
      const cut = json.slice(0, at % json.length);
      for (const text of [cut + mark + json.slice(cut.length), cut]) {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        const ends =
          faultOf(text).reason === 'the end was expected, not ""' ||
          faultOf(text).reason === 'it ends where the end was expected';
        expect(ends).toBe(valid);
      }
    }),
    { numRuns: 500 },
  );
});

test('a very long string does not overflow', () => {
  expect(faultOf(`["${'a'.repeat(5_000_000)}"`).column).toBe(5_000_004);
});

const schema = z.object({ images: z.array(z.object({ id: z.string() })) });

test('a file is read through its schema, whatever byte order mark it begins with', async () => {
  const path = join(temporaryFolder(), 'deep', 'a.json');
  await writeJson(path, { images: [{ id: 'ä' }] });
  expect(await readJson(path, schema)).toEqual({ images: [{ id: 'ä' }] });
  await writeFile(path, `\ufeff${JSON.stringify({ images: [] })}`);
  expect(await readJson(path, schema)).toEqual({ images: [] });
});

test('faults name file and field', async () => {
  const path = join(temporaryFolder(), 'a.json');
  await writeFile(path, '{"images": [{"id": "a"}, {"id": 7}]}');
  const error = await readJson(path, schema).catch((cause) => cause);
  expect(error.code).toBe('DIPTYCH_JSON_SHAPE');
  expect(error.message).toContain(`${path}: images[1].id: `);
  await writeFile(path, '{"images":\n [}');
  await expect(readJson(path, schema)).rejects.toMatchObject({
    code: 'DIPTYCH_JSON_SYNTAX',
    message: `${path}:2:3: not JSON: a value or ] was expected, not "}"`,
  });
  await writeFile(path, Buffer.concat([Buffer.from('{\n"a": "'), Buffer.from([0xe9]), Buffer.from('"}')]));
  await expect(readJson(path, schema)).rejects.toMatchObject({
    code: 'DIPTYCH_FILE_ENCODING',
    fields: { path, line: 2 },
  });
  await expect(readJson(`${path}.none`, schema)).rejects.toMatchObject({ code: 'DIPTYCH_FILE_MISSING' });
  await expect(readText(join(path, '..'))).rejects.toMatchObject({ code: 'DIPTYCH_FILE_UNREADABLE' });
});

test('random bytes end in a coded error or a value', async () => {
  const path = join(temporaryFolder(), 'a.json');
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      await writeFile(path, bytes);
      await readJson(path, z.unknown()).catch((error) => {
        if (!isDiptychError(error)) throw error;
      });
    }),
    { numRuns: 200 },
  );
});

test('lines keep their numbers across chunks, ends and faults', async () => {
  const path = join(temporaryFolder(), 'a.txt');
  const long = 'x'.repeat(3_000_000);
  await writeFile(
    path,
    Buffer.concat([Buffer.from(`\ufeffone\r\n${long}\n\n`), Buffer.from([0xff, 10]), Buffer.from('last')]),
  );
  const lines = [];
  for await (const line of readLines(path)) lines.push(line);
  expect(lines).toEqual([
    { line: 1, text: 'one' },
    { line: 2, text: long },
    { line: 3, text: '' },
    { line: 4, text: undefined },
    { line: 5, text: 'last' },
  ]);
  await expect(readLines(`${path}.none`).next()).rejects.toMatchObject({ code: 'DIPTYCH_FILE_MISSING' });
});
