/** @file Reference evaluation of elementwise operators, with NumPy's broadcasting. */
import { broadcastShapes } from '../dims.ts';
import { countOf, stridesOf, type Value } from '../values.ts';

/** f applied to each element. */
export function mapped(x: Value, f: (x: number) => number): Value {
  return { shape: x.shape, data: x.data.map(f) };
}

/** f applied to corresponding elements of broadcast operands. */
export function zipped(operands: readonly Value[], f: (...elements: number[]) => number): Value {
  const shape = operands.map((x) => x.shape).reduce((a, b) => broadcastShapes(a, b) as number[]);
  const views = operands.map((operand) => broadcastTo(operand, shape).data);
  const data = new Float64Array(countOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = f(...views.map((view) => view[i]));
  return { shape, data };
}

/** The value repeated along new axes and axes of size 1. */
export function broadcastTo(x: Value, shape: readonly number[]): Value {
  const offset = shape.length - x.shape.length;
  const own = stridesOf(x.shape);
  const strides = shape.map((_, axis) => (axis < offset || x.shape[axis - offset] === 1 ? 0 : own[axis - offset]));
  return strided(x, shape, strides);
}

/** The elements read with given strides, from a start. */
export function strided(x: Value, shape: readonly number[], strides: readonly number[], start = 0): Value {
  const data = new Float64Array(countOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  let at = start;
  for (let i = 0; i < data.length; i++) {
    data[i] = x.data[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return { shape: [...shape], data };
}

/** The error function to double precision: series near 0, continued fraction of its complement beyond. */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    // erf(z) = 2/sqrt(pi) * sum (-1)^n z^(2n+1) / (n! (2n+1))
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-18 * sum; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
      if (n > 200) break;
    }
    return Math.sign(x) * ((2 / Math.sqrt(Math.PI)) * sum);
  }
  // erfc(z) = exp(-z^2)/sqrt(pi) / (z + (1/2)/(z + (2/2)/(z + (3/2)/(z + ...))))
  let fraction = z;
  for (let n = 60; n >= 1; n--) fraction = z + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * fraction));
}
