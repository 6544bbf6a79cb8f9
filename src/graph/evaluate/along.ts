/** @file Reference evaluation of operators that work along one axis: each line of numbers along it on its own. */
import { stridesOf, type Value } from '../values.ts';

/** Calls `visit` with the start and step of each line along an axis. */
export function eachLine(shape: readonly number[], axis: number, visit: (start: number, step: number) => void): void {
  const step = stridesOf(shape)[axis];
  const size = shape[axis];
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  for (let o = 0; o < outer; o++) for (let i = 0; i < step; i++) visit(o * size * step + i, step);
}

/** A new value whose lines are functions of the old lines; lengths may differ. Several results at once. */
export function alongAxis(
  x: Value,
  axis: number,
  sizes: readonly number[],
  f: (line: Float64Array) => ArrayLike<number>[],
): Value[] {
  const results = sizes.map((size) => {
    const shape = x.shape.map((old, i) => (i === axis ? size : old));
    return { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) };
  });
  const line = new Float64Array(x.shape[axis]);
  let number = 0;
  eachLine(x.shape, axis, (start, step) => {
    for (let i = 0; i < line.length; i++) line[i] = x.data[start + i * step];
    f(line).forEach((out, r) => {
      const begin = Math.floor(number / step) * sizes[r] * step + (number % step);
      for (let i = 0; i < sizes[r]; i++) results[r].data[begin + i * step] = out[i];
    });
    number++;
  });
  return results;
}

/** Positions in descending order of value; equal values keep their order. */
export function descendingOrder(line: Float64Array): number[] {
  return Array.from(line, (_, i) => i).sort((a, b) => line[b] - line[a] || a - b);
}

/** Softmax of a line, subtracting its maximum first. */
export function softmaxLine(line: Float64Array): Float64Array {
  const top = line.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = line.map((x) => Math.exp(x - top));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / total);
}

/** log softmax of a line. */
export function logSoftmaxLine(line: Float64Array): Float64Array {
  const top = line.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const total = Math.log(line.reduce((sum, x) => sum + Math.exp(x - top), 0));
  return line.map((x) => x - top - total);
}

/** Running maximum and the position of each; the first of equal values wins in the direction of running. */
export function runningMaximum(line: Float64Array, reverse: boolean): [Float64Array, Float64Array] {
  const values = new Float64Array(line.length);
  const positions = new Float64Array(line.length);
  let best = -1;
  for (let i = 0; i < line.length; i++) {
    const at = reverse ? line.length - 1 - i : i;
    if (best < 0 || line[at] > line[best]) best = at;
    values[at] = line[best];
    positions[at] = best;
  }
  return [values, positions];
}

/** Running sum. */
export function runningSum(line: Float64Array, reverse: boolean): Float64Array {
  const out = new Float64Array(line.length);
  let sum = 0;
  for (let i = 0; i < line.length; i++) {
    const at = reverse ? line.length - 1 - i : i;
    sum += line[at];
    out[at] = sum;
  }
  return out;
}
