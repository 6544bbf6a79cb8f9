/** @file CSV records against csv-parse as the oracle, line numbers, and what one fault costs. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRecords } from './csv.ts';

const read = (text: string | Buffer, delimiter = ',', quotes = true) => [
  ...csvRecords(Buffer.from(text as string), { delimiter, quotes }),
];

test('records keep the line they begin at, over quoted line ends and empty lines', () => {
  expect(read('\ufeffa,b\r\n1,"x\r\ny"\r\n\r\n\r\n2,z\n3,""\n')).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 2, fields: ['1', 'x\r\ny'] },
    { line: 6, fields: ['2', 'z'] },
    { line: 7, fields: ['3', ''] },
  ]);
  expect(read('a|b\rc|d', '|')).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 2, fields: ['c', 'd'] },
  ]);
  expect(read('a\tb"c"\n"d\te', '\t', false)).toEqual([
    { line: 1, fields: ['a', 'b"c"'] },
    { line: 2, fields: ['"d', 'e'] },
  ]);
});

test('a fault costs one line', () => {
  expect(read('a,"b\nc,d\n"e"f,g\nh,i\nj,"k')).toEqual([
    { line: 1, fault: 'quote' },
    { line: 2, fields: ['c', 'd'] },
    { line: 3, fault: 'quote' },
    { line: 4, fields: ['h', 'i'] },
    { line: 5, fault: 'quote' },
  ]);
  expect(read(Buffer.from('a,b\n\xe9,c\nd,e', 'latin1'))).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 2, fault: 'encoding' },
    { line: 3, fields: ['d', 'e'] },
  ]);
});

test('whatever is written in quotes is read as csv-parse reads it', () => {
  const cell = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', 'é', ' ') }));
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, end) => {
      const text = rows.map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(',') + end).join('');
      const records = read(text);
      expect(records.map((record) => ('fields' in record ? record.fields : record.fault))).toEqual(rows);
      expect(parse(text, { record_delimiter: end, relax_column_count: true })).toEqual(rows);
    }),
    { numRuns: 300 },
  );
});

test('what csv-parse accepts strictly is read alike', () => {
  const text = fc.string({ unit: fc.constantFrom('"', '"', ',', '\n', 'a', 'b', ' '), maxLength: 20 });
  fc.assert(
    fc.property(text, (source) => {
      let expected: string[][];
      try {
        expected = parse(source, { record_delimiter: '\n', relax_column_count: true, skip_empty_lines: true });
      } catch {
        return;
      }
      const records = read(`${source}\n`.slice(0, source.endsWith('\n') ? -1 : undefined));
      expect(records.map((record) => ('fields' in record ? record.fields : record.fault))).toEqual(expected);
    }),
    { numRuns: 3000 },
  );
});

test('many stray quotes cost no more than a bounded search each', () => {
  const text = 'a,"b\n'.repeat(3000) + 'x'.repeat(5_000_000);
  const started = performance.now();
  expect(read(text).length).toBe(3001);
  expect(performance.now() - started).toBeLessThan(5000);
});
