/** @file The door: from a constant to a training step, in one page. */
import { expect, onTestFinished, test } from 'vitest';
import { compileStep } from './compile.ts';
import { evaluate } from './evaluate/evaluate.ts';
import { gradient } from './gradient.ts';
import { add, multiply, square, subtract } from './ops/elementwise.ts';
import { constant, input } from './ops/leaves.ts';
import { linear } from './ops/product.ts';
import { mean, sum } from './ops/reduce.ts';
import { Runtime } from './runtime/runtime.ts';
import type { Spec, Tensor } from './tensor.ts';
import type { Tree } from './tree.ts';
import { mapTree, zipTrees } from './tree.ts';

const spec = (...shape: number[]): Spec => ({ shape, dtype: 'float32' });

test('constants fold', () => {
  const three = add(constant([1, 2]), constant([2, 1]));
  expect(three.node.op).toBe('constant');
  expect([...evaluate([three], new Map())[0].data]).toEqual([3, 3]);
});

test('equal expressions are one object', () => {
  const x = input('x', [2]);
  expect(add(x, 1)).toBe(add(x, 1));
});

test('a function is differentiated', () => {
  const x = input('x', [3]);
  const { x: dx } = gradient(sum(square(x)), { x });
  const feeds = new Map([['x', { shape: [3], data: Float64Array.of(1, 2, 3) }]]);
  expect([...evaluate([dx], feeds)[0].data]).toEqual([2, 4, 6]);
});

test('shapes that do not fit are refused with the path', () => {
  expect(() => linear(input('image.regions', [2, 3]), input('image.projection.weight', [5, 4]))).toThrow(
    'image.projection.weight: cannot multiply [2,3] by [5,4] transposed',
  );
});

test('a step trains', async () => {
  const runtime = await Runtime.start({ device: 'cpu', threads: 1 });
  onTestFinished(() => runtime.close());

  const step = compileStep(
    'line',
    { state: { weight: spec(1, 2), bias: spec(1) }, batch: { x: spec(4, 2), y: spec(4, 1) } },
    (state, batch) => {
      const loss = mean(square(subtract(linear(batch.x, state.weight, state.bias), batch.y)));
      const next = zipTrees(state, [gradient(loss, state)], ([p, g]: Tensor[]) => subtract(p, multiply(g, 0.1)));
      return { state: next as Tree<Tensor>, metrics: { loss } };
    },
  );
  await runtime.load(step);
  await runtime.setState(
    new Map([
      ['weight', { dtype: 'float32', shape: [1, 2], data: new Float32Array(2) }],
      ['bias', { dtype: 'float32', shape: [1], data: new Float32Array(1) }],
    ]),
  );

  // y = 2 a - b + 3
  const x = [0, 0, 0, 1, 1, 0, 1, 1];
  const y = [3, 2, 5, 4];
  const losses: number[] = [];
  for (let i = 0; i < 500; i++) {
    const batch = mapTree(
      { x: { shape: [4, 2], data: x }, y: { shape: [4, 1], data: y } },
      ({ shape, data }: { shape: number[]; data: number[] }) => ({
        dtype: 'float32' as const,
        shape,
        data: Float32Array.from(data),
      }),
    );
    losses.push((await runtime.run('line', new Map(Object.entries(batch)))).get('loss')!.data[0]);
  }
  expect(losses[0]).toBeGreaterThan(10);
  expect(losses[499]).toBeLessThan(1e-4);
  const weight = (await runtime.getState()).get('weight')!.data;
  expect(weight[0]).toBeCloseTo(2, 1);
  expect(weight[1]).toBeCloseTo(-1, 1);
});
