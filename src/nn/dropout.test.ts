/** @file Dropout is a function of (key, stream, position), has the right rate, and keeps the mean. */
import { expect, test } from 'vitest';
import { evaluate } from '../graph/evaluate/evaluate.ts';
import { gradient } from '../graph/gradient.ts';
import { input } from '../graph/ops/leaves.ts';
import { sum } from '../graph/ops/reduce.ts';
import type { Value } from '../graph/values.ts';
import { dropout } from './dropout.ts';

const x = input('x', [40, 50]);
const key = input('key', [], 'int32');
const ones: Value = { shape: [40, 50], data: new Float64Array(2000).fill(1) };
const feeds = (value: number) =>
  new Map([
    ['x', ones],
    ['key', { shape: [], data: Float64Array.of(value) }],
  ] as const);

test('the same key and stream drop the same, others do not', () => {
  const [a, b] = ['text.layer1', 'text.layer2'].map((stream) => dropout(x, { rate: 0.25, key }, stream));
  const [one, again, other] = [feeds(1), feeds(1), feeds(2)].map((fed) => evaluate([a], fed)[0].data);
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
  expect(evaluate([b], feeds(1))[0].data).not.toEqual(one);
});

test('a share of the elements is dropped, the others are scaled, and the gradient follows', () => {
  const y = dropout(x, { rate: 0.25, key }, 'layer');
  const [value, slope] = evaluate([y, gradient(sum(y), { x }).x], feeds(3));
  expect(new Set(value.data)).toEqual(new Set([0, Math.fround(4 / 3)]));
  const dropped = value.data.filter((v) => v === 0).length / 2000;
  expect(Math.abs(dropped - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / 2000));
  expect(slope.data).toEqual(value.data);
});

test('without a rate nothing is done', () => {
  expect(dropout(x, undefined, 'layer')).toBe(x);
  expect(dropout(x, { rate: 0, key }, 'layer')).toBe(x);
});
