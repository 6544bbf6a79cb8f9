import { expect, test } from 'vitest';
import { joined, normaliseRows } from './vectors.ts';

test('rows are brought to unit length in place; zeros stay zeros, and are told', () => {
  const rows = Float32Array.of(3, 4, 0, 0, 0, -2);
  expect(normaliseRows(rows, 2)).toEqual([true, false, true]);
  expect([...rows].map((x) => Math.fround(x))).toEqual([0.6, 0.8, 0, 0, 0, -1].map(Math.fround));
});

test('arrays are joined in their order and type; a single one is not copied', () => {
  expect(joined([Float32Array.of(1, 2), Float32Array.of(), Float32Array.of(3)])).toEqual(Float32Array.of(1, 2, 3));
  expect(joined([Uint16Array.of(1), Uint16Array.of(2)])).toEqual(Uint16Array.of(1, 2));
  expect(joined<Float32Array>([])).toEqual(new Float32Array(0));
  const only = Float32Array.of(1);
  expect(joined([only])).toBe(only);
});
