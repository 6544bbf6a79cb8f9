/** @file Symbolic sizes when the graph runs: wherever the input that carries one stands, and whether it is zero or not. */
import { expect, test } from 'vitest';
import { cast, multiply } from './ops/elementwise.ts';
import { sort } from './ops/indexing.ts';
import { input } from './ops/leaves.ts';
import { sum } from './ops/reduce.ts';
import { split } from './ops/shape.ts';
import { runOnnx } from './testing/onnx.ts';

test('a size may be carried by an input that is read after the shape that names it', async () => {
  const rows = input('rows', ['short+long', 2]);
  const [first, second] = split(rows, 0, ['long', 'short']);
  const weights = cast(input('weights', ['long'], 'int32'), 'float32');
  const others = input('others', ['short']);
  const outputs = [sum(first), sum(second), sum(multiply(weights, 2)), sum(others)];
  const feeds = (long: number, short: number) =>
    new Map([
      ['rows', { shape: [long + short, 2], data: new Float64Array(2 * (long + short)).fill(1) }],
      ['weights', { shape: [long], data: new Float64Array(long).fill(1) }],
      ['others', { shape: [short], data: new Float64Array(short).fill(1) }],
    ]);
  const totals = async (long: number, short: number) =>
    (await runOnnx(outputs, feeds(long, short))).map(({ data }) => data[0]);
  expect(await totals(2, 3)).toEqual([4, 6, 4, 3]);
  expect(await totals(4, 0)).toEqual([8, 0, 8, 0]);
});

test('sorting nothing gives nothing', async () => {
  const x = input('x', ['count', 3, 2]);
  const sorted = sort(x, 1);
  const run = async (count: number) => {
    const data = Float64Array.from({ length: 6 * count }, (_, i) => (i * 7) % 5);
    const [value, total] = await runOnnx([sorted, sum(sorted)], new Map([['x', { shape: [count, 3, 2], data }]]));
    return { shape: value.shape, first: [...value.data.slice(0, 6)], total: total.data[0] };
  };
  expect(await run(0)).toEqual({ shape: [0, 3, 2], first: [], total: 0 });
  expect(await run(2)).toEqual({ shape: [2, 3, 2], first: [4, 2, 3, 1, 0, 0], total: 22 });
});
