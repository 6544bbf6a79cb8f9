/** @file Checking values and gradients: near equality, and finite differences of the float64 reference evaluation. */
import { expect } from 'vitest';
import { Random } from '../../random/random.ts';
import type { Attributes } from '../attributes.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { gradient } from '../gradient.ts';
import { multiply } from '../ops/elementwise.ts';
import { constant } from '../ops/leaves.ts';
import { sum } from '../ops/reduce.ts';
import { orderNodes, type Tensor } from '../tensor.ts';
import { countOf, type Value } from '../values.ts';

/** A value of standard normal numbers. */
export function normalValue(shape: readonly number[], ...seed: (number | string)[]): Value {
  const random = new Random(...seed);
  return { shape: [...shape], data: Float64Array.from({ length: countOf(shape) }, () => random.normal()) };
}

/** Fails unless shapes are equal and elements agree to a tolerance relative to the larger of 1 and their size. */
export function expectClose(actual: Value, expected: Value, tolerance: number, label = 'value'): void {
  expect(actual.shape, `${label}: shape`).toEqual([...expected.shape]);
  let worst = 0;
  let at = -1;
  expected.data.forEach((value, i) => {
    const error = Object.is(actual.data[i], value)
      ? 0
      : Math.abs(actual.data[i] - value) / Math.max(1, Math.abs(value));
    if (!(error <= worst)) {
      worst = error;
      at = i;
    }
  });
  expect(worst, `${label}: element ${at} is ${actual.data[at]}, expected ${expected.data[at]}`).toBeLessThanOrEqual(
    tolerance,
  );
}

/** A scalar that depends on every element of a tensor: sum(tensor * fixed random weights). */
export function probe(tensor: Tensor): Tensor {
  const weights = normalValue(tensor.shape as number[], 'probe', tensor.shape.length);
  return sum(multiply(tensor, constant(weights.data, weights.shape)));
}

/** Compares the symbolic gradient of a scalar with central differences, for every float32 input it depends on. */
export function expectGradient(loss: Tensor, feeds: ReadonlyMap<string, Value>, tolerance = 1e-6, step = 1e-5): void {
  const inputs = orderNodes([loss])
    .filter((node) => node.op === 'input' && node.outputs[0].dtype === 'float32')
    .map((node) => node.outputs[0]);
  const names = inputs.map((tensor) => (tensor.node.attributes as Attributes['input']).name);
  const symbolic = gradient(loss, Object.fromEntries(inputs.map((tensor, i) => [names[i], tensor])));
  const values = evaluate(
    names.map((name) => symbolic[name] as Tensor),
    feeds,
  );
  names.forEach((name, i) => {
    const value = feeds.get(name)!;
    const numeric = value.data.map((x, at) => {
      const at_ = (moved: number) => {
        const data = Float64Array.from(value.data);
        data[at] = moved;
        return evaluate([loss], new Map([...feeds, [name, { shape: value.shape, data }]]))[0].data[0];
      };
      return (at_(x + step) - at_(x - step)) / (2 * step);
    });
    expectClose(values[i], { shape: value.shape, data: numeric }, tolerance, `gradient of ${name}`);
  });
}
