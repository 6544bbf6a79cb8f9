import { expect, test } from 'vitest';
import { agoText, durationText, leavesOf, millionsText, tenthText } from './text.ts';

test('figures are written as people read them', () => {
  expect([45, 700, 12_345].map(durationText)).toEqual(['45 s', '12 min', '3.4 h']);
  expect([1234, 1_234_567].map(millionsText)).toEqual(['1,234', '1.2 M']);
  expect([12.34, null, undefined].map(tenthText)).toEqual(['12.3', '–', '–']);
  const now = Date.parse('2026-01-02T00:00:00Z');
  const ago = (seconds: number): string => agoText(new Date(now - 1000 * seconds).toISOString(), now);
  expect([0, 60, 600, 7200, 200_000].map(ago)).toEqual(['now', '60 s ago', '10 min ago', '2 h ago', '2 days ago']);
});

test('a configuration is a list of names and values', () => {
  expect(leavesOf({ a: { b: 1, c: [1, 2] }, d: null })).toEqual([
    ['a.b', '1'],
    ['a.c', '[1,2]'],
    ['d', 'null'],
  ]);
});
