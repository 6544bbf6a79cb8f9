/** @file Pooling: golden values, ties, short sequences, and packed batches against sequences one by one. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { multiply } from '../../graph/ops/elementwise.ts';
import { constant, input } from '../../graph/ops/leaves.ts';
import { sum } from '../../graph/ops/reduce.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose, normalValue } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import { treeFrom } from '../../graph/tree.ts';
import type { TensorData, Value } from '../../graph/values.ts';
import { layoutOf } from '../layout.ts';
import { initialise } from '../parameters.ts';
import { fullRagged, layoutFrom, maskOf, paddedLayout, padGroups, raggedSpecs, rowsOf } from '../ragged.ts';
import { expectGolden, type GoldenArray, type GoldenCase, numbersOf, readGolden } from '../testing/golden.ts';
import { inputsOf, layoutValues, packValue } from '../testing/sequences.ts';
import { gpoParameters, gpoPool, gpoTable } from './gpo.ts';
import { groupPooling, type Pooling, pool, poolingParameters } from './pooling.ts';
import { topKMeanPool } from './simple.ts';

const golden = readGolden<{ gpo: GoldenCase & { lengths: GoldenArray }; top2_mean: GoldenCase }>(
  '../golden/layers.json',
  import.meta.url,
);

/** Parameters as feeds. */
function fedValues(values: ReadonlyMap<string, TensorData>, prefix = ''): [string, Value][] {
  return [...values].map(([path, { shape, data }]) => [
    prefix + path,
    { shape: [...shape], data: Float64Array.from(data) },
  ]);
}

test('GPO', async () => {
  const { lengths, inputs } = golden.gpo;
  const [count, width] = inputs.x.shape;
  const carried = input('lengths', [count], 'int32');
  await expectGolden(
    golden.gpo,
    (p) => {
      const params = {
        gru: {
          forward: { inputWeight: p.wih, recurrentWeight: p.whh, inputBias: p.bih, recurrentBias: p.bhh },
          backward: { inputWeight: p.wihR, recurrentWeight: p.whhR, inputBias: p.bihR, recurrentBias: p.bhhR },
        },
        score: { weight: p.score },
      };
      return gpoPool({ x: p.x, mask: maskOf(carried, width), lengths: carried }, gpoTable(params, 8));
    },
    { feeds: [['lengths', numbersOf(lengths)]] },
  );
});

test('mean of the two largest', async () => {
  await expectGolden(golden.top2_mean, (p) => topKMeanPool(padGroups(fullRagged(p.x))[0], 2));
});

test('equal values count as often as they occur, and short sequences by what they have', () => {
  const x = input('x', [3, 4, 1]);
  const lengths = constant([4, 4, 2], [3], 'int32');
  const value = { shape: [3, 4, 1], data: Float64Array.of(5, 5, 5, 1, 9, 4, 4, 4, 2, 3, 0, 0) };
  const pooled = topKMeanPool({ x, mask: maskOf(lengths, 4), lengths }, 3);
  const { x: derivative } = gradient(sum(multiply(pooled, 3)), { x });
  const [result, slopes] = evaluate([pooled, derivative], new Map([['x', value]]));
  expectClose(result, { shape: [3, 1], data: Float64Array.of(5, 17 / 3, 2.5) }, 1e-7);
  const third = 2 / 3;
  expectClose(
    slopes,
    { shape: [3, 4, 1], data: Float64Array.of(1, 1, 1, 0, 1, third, third, third, 1.5, 1.5, 0, 0) },
    1e-7,
  );
});

describe('a packed batch in groups equals each sequence alone, gradients too', () => {
  const lengths = [6, 4, 3, 2, 1];
  const host = layoutOf(lengths, [6, 4, 2], 'sequence');
  const carried = inputsOf(raggedSpecs('words', [6, 4, 2], 'sequence'), 'words');
  const rows = input('rows', [rowsOf('words'), 3]);
  const padded = normalValue([5, 6, 3], 'sequences');
  const packed = packValue(padded, host);
  const weighting = normalValue([5, 3], 'weights');
  test.each<Pooling>([
    { kind: 'mean' },
    { kind: 'max' },
    { kind: 'meanMax' },
    { kind: 'topK', k: 2 },
    { kind: 'topK', k: 5 },
    { kind: 'gpo', longest: 9 },
  ])('$kind', async (pooling) => {
    const values = initialise(poolingParameters(pooling), 3);
    const params = Object.fromEntries([...values].map(([path, { shape }]) => [path, input(path, shape)]));
    const fed = fedValues(values);
    const tree = treeFrom(Object.entries(params)) as never;

    const weights = input('weights', [5, 3]);
    const pooled = pool(pooling, tree, { rows, layout: layoutFrom(carried, 5) });
    const slopes = gradient(sum(multiply(pooled, weights)), { rows, ...params });
    const outputs = [pooled, ...Object.values(slopes)] as Tensor[];
    const feeds = new Map<string, Value>([
      ...layoutValues(host, 'words'),
      ...fed,
      ['rows', packed],
      ['weights', weighting],
    ]);
    const exact = evaluate(outputs, feeds);
    (await runOnnx(outputs, feeds)).forEach((value, i) => {
      expectClose(value, exact[i], 1e-4, `output ${i} in ONNX Runtime`);
    });

    const slopeSum = new Map<string, Float64Array>();
    lengths.forEach((length, which) => {
      const alone = input('alone', [1, length, 3]);
      const group = { x: alone, mask: undefined, lengths: constant([length], [1], 'int32') };
      const one = groupPooling(pooling, tree)(group);
      const own = gradient(sum(multiply(one, input('own', [1, 3]))), { alone, ...params });
      const start = which * 18;
      const [value, slope, ...rest] = evaluate(
        [one, ...Object.values(own)] as Tensor[],
        new Map<string, Value>([
          ...fed,
          ['alone', { shape: [1, length, 3], data: padded.data.slice(start, start + length * 3) }],
          ['own', { shape: [1, 3], data: weighting.data.slice(which * 3, which * 3 + 3) }],
        ]),
      );
      expect([...value.data], `sequence ${which}`).toEqual(
        [...exact[0].data.slice(which * 3, which * 3 + 3)].map((x) => expect.closeTo(x, 10)),
      );
      const mine = [...exact[1].data].filter((_, i) => host.sequence[Math.floor(i / 3)] === which);
      expect([...slope.data], `gradient of sequence ${which}`).toEqual(mine.map((x) => expect.closeTo(x, 10)));
      rest.forEach(({ data }, i) => {
        const name = Object.keys(params)[i];
        const before = slopeSum.get(name) ?? new Float64Array(data.length);
        slopeSum.set(
          name,
          before.map((x, at) => x + data[at]),
        );
      });
    });
    const plain = paddedLayout(input('plain', [5, 6, 3]), input('lengths', [5], 'int32'));
    const [exported] = evaluate(
      [pool(pooling, tree, plain.ragged)],
      // What stands beyond a length is arbitrary.
      new Map<string, Value>([
        ...fed,
        ['plain', padded],
        ['lengths', { shape: [5], data: Float64Array.from(lengths) }],
      ]),
    );
    expectClose(exported, exact[0], 1e-10, 'the form for export');
    Object.keys(params).forEach((name, i) => {
      const { shape } = exact[2 + i];
      expectClose({ shape, data: slopeSum.get(name)! }, exact[2 + i], 1e-9, name);
    });
  });
});

test('each row of the table is a distribution over its length, however long the longest', () => {
  const values = initialise(gpoParameters(), 5);
  const params = inputsOf(gpoParameters(), 'gpo');
  const feeds = new Map(fedValues(values, 'gpo.'));
  const [{ data: table }] = evaluate([gpoTable(params, 6)], feeds);
  for (let row = 0; row < 6; row++) {
    const weights = [...table.slice(row * 6, row * 6 + 6)];
    expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    expect(weights.filter((x) => x > 0)).toHaveLength(6 - row);
    expect(weights.slice(6 - row)).toEqual(Array(row).fill(0));
  }
  const shorter = evaluate([gpoTable(params, 4)], feeds)[0];
  for (let row = 0; row < 4; row++) {
    for (let at = 0; at < 4; at++) expect(shorter.data[row * 4 + at]).toBeCloseTo(table[(row + 2) * 6 + at], 6);
  }
});
