/** @file Reference evaluation of products and reductions. */
import { broadcastShapes } from '../dims.ts';
import { countOf, stridesOf, type Value } from '../values.ts';
import { broadcastTo, strided } from './elementwise.ts';

/** Batched product of the last two axes. */
export function product(a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const left = transposeA ? swapLast(a) : a;
  const right = transposeB ? swapLast(b) : b;
  const [m, k] = left.shape.slice(-2);
  const n = right.shape[right.shape.length - 1];
  const batch = broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2)) as number[];
  const x = broadcastTo(left, [...batch, m, k]).data;
  const y = broadcastTo(right, [...batch, k, n]).data;
  const data = new Float64Array(countOf(batch) * m * n);
  for (let b0 = 0; b0 < countOf(batch); b0++) {
    for (let i = 0; i < m; i++) {
      for (let l = 0; l < k; l++) {
        const factor = x[(b0 * m + i) * k + l];
        for (let j = 0; j < n; j++) data[(b0 * m + i) * n + j] += factor * y[(b0 * k + l) * n + j];
      }
    }
  }
  return { shape: [...batch, m, n], data };
}

/** Axes in a new order. */
export function transposed(x: Value, permutation: readonly number[]): Value {
  const strides = stridesOf(x.shape);
  return strided(
    x,
    permutation.map((axis) => x.shape[axis]),
    permutation.map((axis) => strides[axis]),
  );
}

function swapLast(x: Value): Value {
  const axes = x.shape.map((_, i) => i);
  return transposed(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** Combines all elements that differ only in the given axes. */
export function reduced(
  x: Value,
  axes: readonly number[],
  keepDims: boolean,
  initial: number,
  combine: (sum: number, x: number) => number,
): Value {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const data = new Float64Array(countOf(kept)).fill(initial);
  const positions = strided({ shape: kept, data: Float64Array.from(data.keys()) }, x.shape, strides).data;
  for (let i = 0; i < x.data.length; i++) data[positions[i]] = combine(data[positions[i]], x.data[i]);
  return { shape: keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis)), data };
}
