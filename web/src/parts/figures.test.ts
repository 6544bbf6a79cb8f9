import { expect, test } from 'vitest';
import { counted, percentileText, scoreText } from './figures.ts';

test('counts have their noun', () => {
  expect([counted(1, 'file'), counted(12345, 'file')]).toEqual(['1 file', '12,345 files']);
});

test('percentiles say more the nearer they come to all, and never say all', () => {
  expect([0, 49.6, 92.34, 99.345, 99.994, 100].map(percentileText)).toEqual([
    '0 %',
    '50 %',
    '92.3 %',
    '99.34 %',
    '99.99 %',
    '99.99 %',
  ]);
  expect(scoreText(-0.1234)).toBe('−0.123');
});
