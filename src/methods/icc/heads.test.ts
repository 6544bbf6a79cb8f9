/** @file Uni-modal heads: their formula by loops with both norms, who depends on whom, gradients. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { input } from '../../graph/ops/leaves.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose, expectGradient, normalValue, probe } from '../../graph/testing/check.ts';
import type { Value } from '../../graph/values.ts';
import { inputsOf, normalFeeds } from '../../nn/testing/sequences.ts';
import { type Head, headParameters, headVectors } from './heads.ts';

const [count, width, hidden, output] = [5, 4, 6, 3];
const x = input('x', [count, width]);
const specs = headParameters(width, { hidden, output, norm: 'batch' });
const head = inputsOf(specs, 'head') as unknown as Head<Tensor>;
const feeds = new Map<string, Value>([['x', normalValue([count, width], 'x')], ...normalFeeds(specs, 'head', 0.7)]);

type Rows = number[][];
const rowsOf = ({ shape, data }: Value): Rows =>
  Array.from({ length: shape[0] }, (_, i) => [...data.slice(i * shape[1], (i + 1) * shape[1])]);
const of = (path: string) => feeds.get(`head.${path}`)!;
const mapped = (name: string, rows: Rows): Rows =>
  rows.map((row) =>
    rowsOf(of(`${name}.weight`)).map((weights, k) =>
      weights.reduce((sum, w, j) => sum + w * row[j], of(`${name}.bias`).data[k]),
    ),
  );
/** (x - mean) / sqrt(variance + 1e-5) of a list, the biased variance. */
const standard = (list: number[]) => {
  const mean = list.reduce((a, b) => a + b) / list.length;
  const variance = list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length;
  return list.map((value) => (value - mean) / Math.sqrt(variance + 1e-5));
};
const turned = (rows: Rows): Rows => rows[0].map((_, k) => rows.map((row) => row[k]));

describe.each(['batch', 'layer'] as const)('with %s norm', (norm) => {
  const z = headVectors(head, x, { hidden, output, norm });

  test('two hidden layers, each normed before its ReLU, then unit length', () => {
    const normed = (name: string, rows: Rows): Rows => {
      const standardised = norm === 'layer' ? rows.map(standard) : turned(turned(rows).map(standard));
      const [scale, shift] = [of(`${name}.scale`).data, of(`${name}.shift`).data];
      return standardised.map((row) => row.map((value, k) => Math.max(0, value * scale[k] + shift[k])));
    };
    const inner = normed('firstNorm', mapped('first', rowsOf(feeds.get('x')!)));
    const last = mapped('last', normed('secondNorm', mapped('second', inner)));
    const expected = last.flatMap((row) => row.map((value) => value / Math.hypot(...row)));
    expectClose(evaluate([z], feeds)[0], { shape: [count, output], data: Float64Array.from(expected) }, 1e-6);
  });

  test('items depend on each other under batch norm alone', () => {
    const data = feeds.get('x')!.data.slice();
    data[0] += 1;
    const [before, after] = [feeds, new Map([...feeds, ['x', { shape: [count, width], data }] as const])].map((fed) =>
      rowsOf(evaluate([z], fed)[0]),
    );
    expect(after[0]).not.toEqual(before[0]);
    if (norm === 'layer') expect(after.slice(1)).toEqual(before.slice(1));
    else expect(after[1]).not.toEqual(before[1]);
  });

  test('gradients', () => {
    expectGradient(probe(z), feeds, 1e-4);
  });
});
