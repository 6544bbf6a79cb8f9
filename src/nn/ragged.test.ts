/** @file Packed rows to padded groups and back, values and gradients, for batches whose groups come and go. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../graph/evaluate/evaluate.ts';
import { gradient } from '../graph/gradient.ts';
import { multiply, square, where } from '../graph/ops/elementwise.ts';
import { input } from '../graph/ops/leaves.ts';
import { sum } from '../graph/ops/reduce.ts';
import { unsqueeze } from '../graph/ops/shape.ts';
import { expectClose, normalValue } from '../graph/testing/check.ts';
import { runOnnx } from '../graph/testing/onnx.ts';
import { layoutOf, type RowOrder } from './layout.ts';
import { fullRagged, layoutFrom, mergeGroups, padGroups, raggedSpecs, rowsOf, unpadGroups } from './ragged.ts';
import { inputsOf, layoutValues, packValue } from './testing/sequences.ts';

const widths = [6, 4, 2];
const inputs = inputsOf(raggedSpecs('words', widths, 'sequence'), 'words');
const rows = input('rows', [rowsOf('words'), 3]);
const layout = layoutFrom(inputs, 5);

describe.each<RowOrder>(['sequence', 'time'])('rows in %s order', (order) => {
  test.each([
    ['all groups', [6, 5, 3, 2, 1]],
    ['no long sequences', [2, 2, 2, 1, 1]],
    ['no short sequences', [6, 6, 5, 4, 3]],
  ])('%s: padded sums equal packed sums, gradients too', async (_, lengths) => {
    // Each sequence: sum over its rows of (x^2 + 1), weighted by its place in the batch.
    const padded = padGroups({ rows, layout });
    const sums = mergeGroups(
      padded.map(({ x, mask }) => sum(where(unsqueeze(mask!, -1), square(x), 0), 1)),
      5,
    );
    const weights = input('weights', [5, 3]);
    const { rows: derivative } = gradient(sum(multiply(sums, weights)), { rows });
    const back = unpadGroups(
      padded.map(({ x }) => x),
      layout,
    );
    const outputs = [sums, derivative, back];

    const host = layoutOf(lengths, widths, order);
    const sequences = normalValue([5, 6, 3], 'ragged');
    const packed = packValue(sequences, host);
    const weighting = normalValue([5, 3], 'weights');
    const expectedSums = new Float64Array(15);
    packed.data.forEach((x, i) => {
      expectedSums[host.sequence[Math.floor(i / 3)] * 3 + (i % 3)] += x * x;
    });
    const expected = [
      { shape: [5, 3], data: expectedSums },
      {
        shape: packed.shape,
        data: packed.data.map((x, i) => 2 * x * weighting.data[host.sequence[Math.floor(i / 3)] * 3 + (i % 3)]),
      },
      packed,
    ];
    const feeds = new Map(layoutValues(host, 'words'));
    feeds.set('rows', packed).set('weights', weighting);
    for (const [values, tolerance] of [
      [evaluate(outputs, feeds), 1e-12],
      [await runOnnx(outputs, feeds), 1e-5],
    ] as const) {
      values.forEach((value, i) => {
        expectClose(value, expected[i], tolerance, `output ${i}`);
      });
    }
  });
});

test('equally long sequences are padded by a change of shape alone', () => {
  const x = input('x', ['batch', 4, 3]);
  const [group] = padGroups(fullRagged(x));
  expect(group.x).toBe(x);
  expect(group.mask).toBeUndefined();
  expect(unpadGroups([group.x], fullRagged(x).layout).shape).toEqual(['4*batch', 3]);
  expect([...evaluate([group.lengths, x], new Map([['x', normalValue([2, 4, 3])]]))[0].data]).toEqual([4, 4]);
});

test('a batch without a size of its own has the sum of its groups', () => {
  expect(layoutFrom(inputs).batch).toBe('words_w6+words_w4+words_w2');
});
