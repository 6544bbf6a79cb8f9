/** @file Blocked chains give the same numbers as whole ones, and are found where they should be. */
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { gradient } from '../gradient.ts';
import { encodeModel } from '../onnx/model.ts';
import { add, divide, multiply, sqrt, square, subtract } from '../ops/elementwise.ts';
import { input } from '../ops/leaves.ts';
import { sum, sumSquares } from '../ops/reduce.ts';
import type { Tensor } from '../tensor.ts';
import { normalValue } from '../testing/check.ts';
import { findBlocks } from './blocking.ts';
import { lower } from './lower.ts';

const shape = [600, 500];
const names = ['p', 'm', 'v', 'x'];

/** Adam with clipping by the global norm: the chain reads a scalar that depends on the gradient as a whole. */
function update(): { outputs: Map<string, Tensor>; inputs: Tensor[] } {
  const inputs = names.map((name) => input(name, shape));
  const [p, m, v, x] = inputs;
  const { p: g } = gradient(sum(multiply(square(p), x)), { p });
  const clip = divide(1, sqrt(sumSquares(g)));
  const clipped = multiply(g, clip);
  const first = add(multiply(m, 0.9), multiply(clipped, 0.1));
  const second = add(multiply(v, 0.99), multiply(square(clipped), 0.01));
  const next = subtract(p, divide(first, add(sqrt(second), 1e-8)));
  return {
    outputs: new Map([
      ['next.p', next],
      ['next.m', first],
      ['next.v', second],
      ['size', sumSquares(next)],
    ]),
    inputs,
  };
}

test('one chain holds a parameter and its moments, and the norm of its gradient stays outside', () => {
  const { outputs } = update();
  const blocks = findBlocks([...outputs.values()].slice(0, 3));
  expect(blocks).toHaveLength(1);
  expect(blocks[0].outputs).toHaveLength(3);
  expect(blocks[0].shape[0] * blocks[0].shape[1]).toBe(300_000);
  expect(blocks[0].shape[0]).toBeGreaterThan(1);
});

test('blocked equals whole', async () => {
  const { outputs, inputs } = update();
  const feeds = Object.fromEntries(
    names.map((name) => {
      const { data } = normalValue(shape, name);
      return [
        name,
        new ort.Tensor(
          'float32',
          Float32Array.from(data, (x) => (name === 'v' ? Math.abs(x) : x)),
          shape,
        ),
      ];
    }),
  );
  const run = async (blocked: boolean) => {
    const { graph, written } = lower(
      outputs,
      inputs,
      { portable: false },
      blocked ? new Set(['next.p', 'next.m', 'next.v']) : new Set(),
    );
    expect(written.size).toBe(blocked ? 3 : 0);
    expect(graph.nodes.some((node) => node.op === 'Scan')).toBe(blocked);
    const session = await ort.InferenceSession.create(encodeModel(graph));
    return session.run(feeds);
  };
  const [whole, blocked] = [await run(false), await run(true)];
  for (const name of outputs.keys()) {
    const [expected, actual] = [whole[name].data as Float32Array, blocked[name].data as Float32Array];
    expect(actual).toHaveLength(expected.length);
    // Vector and remainder lanes may round the last bit differently; nothing more.
    const worst = actual.reduce(
      (most, x, at) => Math.max(most, Math.abs(x - expected[at]) / Math.max(1e-3, Math.abs(x))),
      0,
    );
    expect(worst, name).toBeLessThan(2e-6);
  }
});
