import { expect, test } from 'vitest';
import { apply } from '../apply.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import { cast } from '../ops/elementwise.ts';
import { sort } from '../ops/indexing.ts';
import { input } from '../ops/leaves.ts';
import { runOnnx } from '../testing/onnx.ts';
import { lower } from './lower.ts';

const operators = (tensors: Parameters<typeof runOnnx>[0]): string[] =>
  lower(new Map(tensors.map((tensor, i) => [`${i}`, tensor])), [], { portable: true }).graph.nodes.map(({ op }) => op);

test.each([
  [[1], 0],
  [[2], 0],
  [[13], 0],
  [[8, 3], 0],
  [[3, 5, 2], 1],
  [[2, 49, 6], 1],
  [[4, 36], 1],
  [[2, 128], 1],
])('values alone are sorted by a network: %j along axis %i', async (shape, axis) => {
  const x = input('x', shape);
  const length = shape.reduce((product, size) => product * size, 1);
  // Few different numbers, so that there are ties, and the least there is.
  const data = Float64Array.from({ length }, (_, i) => (i % 11 === 3 ? Number.NEGATIVE_INFINITY : (i * 7919) % 17));
  const feeds = new Map([['x', { shape: [...shape], data }]]);
  const sorted = sort(x, axis);
  expect(operators([sorted])).not.toContain('TopK');
  const [{ data: found }] = await runOnnx([sorted], feeds, true);
  expect([...found]).toEqual([...evaluate([sorted], feeds)[0].data]);
});

test('open sizes before the axis serve, an open length does not, and positions are found by TopK', async () => {
  const x = input('x', ['images', 5, 2]);
  const data = Float64Array.from({ length: 30 }, (_, i) => Math.sin(i));
  const feeds = new Map([['x', { shape: [3, 5, 2], data }]]);
  const [{ data: found }] = await runOnnx([sort(x, 1)], feeds);
  expect([...found].map(Math.fround)).toEqual([...evaluate([sort(x, 1)], feeds)[0].data].map(Math.fround));
  const [nothing] = await runOnnx([sort(x, 1)], new Map([['x', { shape: [0, 5, 2], data: new Float64Array() }]]));
  expect(nothing.data).toHaveLength(0);

  expect(operators([sort(input('y', [2, 'tokens']), 1)])).toContain('TopK');
  const [values, positions] = apply('sort', [input('z', [4, 3])], { axis: 0 });
  expect(operators([values, cast(positions, 'float32')])).toContain('TopK');
});
