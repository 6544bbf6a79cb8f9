import { expect, test } from 'vitest';
import { splitViews, viewMean } from './view-mean.ts';

test('the mean of views points between them and has unit length', () => {
  const mean = viewMean([Float32Array.of(1, 0, 0, 1), Float32Array.of(0, 1, 0, 1)], 2);
  const half = Math.SQRT1_2;
  expect([...mean].map((x) => Math.round(x * 1e6) / 1e6)).toEqual(
    [half, half, 0, 1].map((x) => Math.round(x * 1e6) / 1e6),
  );
});

test('one view comes back as it is; views that cancel out leave zeros, not NaN', () => {
  const only = Float32Array.of(0.6, 0.8);
  expect(viewMean([only], 2)).toBe(only);
  expect(viewMean([only, only.map((x) => -x)], 2)).toEqual(Float32Array.of(0, 0));
});

test('joined views are taken apart', () => {
  expect(splitViews(Float32Array.of(1, 2, 3, 4, 5, 6), 2)).toEqual([
    Float32Array.of(1, 2),
    Float32Array.of(3, 4),
    Float32Array.of(5, 6),
  ]);
});
