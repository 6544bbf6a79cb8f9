/** @file Inputs replaced by constants: what depends on them alone becomes one constant, and the values stay. */
import { expect, test } from 'vitest';
import { evaluate } from './evaluate/evaluate.ts';
import { foldConstants } from './fold.ts';
import { add, multiply, tanh } from './ops/elementwise.ts';
import { constant, input } from './ops/leaves.ts';
import { linear, matmul } from './ops/product.ts';
import { orderNodes } from './tensor.ts';
import { expectClose, normalValue } from './testing/check.ts';

test('what parameters alone decide is folded, the map of the data is not', () => {
  const x = input('x', ['rows', 80]);
  const [a, b] = [input('a', [80, 70]), input('b', [70, 80])];
  const outputs = [linear(x, tanh(matmul(a, b))), multiply(matmul(b, a), 2), add(x, 1)];
  const feeds = new Map([
    ['x', normalValue([3, 80], 'x')],
    ['a', normalValue([80, 70], 'a')],
    ['b', normalValue([70, 80], 'b')],
  ]);
  const values = new Map(['a', 'b'].map((name) => [name, constant(feeds.get(name)!.data, feeds.get(name)!.shape)]));

  const folded = foldConstants(outputs, values);

  const ops = orderNodes(folded).map((node) => node.op);
  expect(ops.filter((op) => op === 'matmul')).toHaveLength(1);
  expect(ops).not.toContain('tanh');
  expect(folded[1].node.op).toBe('constant');
  expect(folded[2]).toBe(outputs[2]);
  const expected = evaluate(outputs, feeds);
  evaluate(folded, new Map([['x', feeds.get('x')!]])).forEach((value, i) => {
    expectClose(value, expected[i], 1e-5);
  });
});
