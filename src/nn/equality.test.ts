/** @file Fast path equals slow path: packed groups against sequences one by one, gradients too; export forms against training ones. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../graph/evaluate/evaluate.ts';
import { gradient } from '../graph/gradient.ts';
import { multiply } from '../graph/ops/elementwise.ts';
import { constant, input } from '../graph/ops/leaves.ts';
import { sum } from '../graph/ops/reduce.ts';
import { reshape } from '../graph/ops/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { expectClose, normalValue } from '../graph/testing/check.ts';
import { runOnnx } from '../graph/testing/onnx.ts';
import { leavesOf, type Tree } from '../graph/tree.ts';
import type { Value } from '../graph/values.ts';
import { attentionParameters, multiHeadAttention, selfAttention } from './attention.ts';
import { biGru, biGruPadded, biGruParameters, gru, gruParameters } from './gru.ts';
import { layoutOf } from './layout.ts';
import { batchNorm, batchNormTraining, normParameters, runningStatistics } from './norm.ts';
import { fullRagged, layoutFrom, type Ragged, raggedSpecs, rowsOf } from './ragged.ts';
import { inputsOf, layoutValues, normalFeeds, packValue, padValue } from './testing/sequences.ts';
import { type TransformerOptions, transformerLayer, transformerLayerParameters } from './transformer.ts';

const d = 4;
const lengths = [6, 5, 2, 1];
const widths = [6, 4, 2];
const host = layoutOf(lengths, widths, 'time');
const carried = inputsOf(raggedSpecs('words', widths, 'time'), 'words');
const layout = layoutFrom(carried, lengths.length);
const rows = input('rows', [rowsOf('words'), d]);
const padded = normalValue([lengths.length, 6, d], 'sequences');
const packed = packValue(padded, host);
const slopes = packValue(normalValue([lengths.length, 6, d], 'slopes'), host);
const layoutFeeds: [string, Value][] = layoutValues(host, 'words');

/** Rows of one sequence out of packed ones. */
function only(value: Value, which: number): Value {
  const mine = value.data.filter((_, i) => host.sequence[Math.floor(i / d)] === which);
  return { shape: [mine.length / d, d], data: mine };
}

/**
 * Fails unless a layer of a whole batch equals the same layer of each sequence alone: values, gradients of the rows, and the sum
 * of the gradients of the parameters. The batch is run in ONNX Runtime too.
 */
async function expectSameAlone(
  params: Tree<Tensor>,
  fed: readonly (readonly [string, Value])[],
  whole: (rows: Tensor) => Tensor,
  alone: (rows: Tensor, which: number) => Tensor,
): Promise<void> {
  const leaves = Object.fromEntries(leavesOf<Tensor>(params));
  const weights = input('slopes', rows.shape);
  const y = whole(rows);
  const derivatives = gradient(sum(multiply(y, weights)), { rows, ...leaves });
  const outputs = [y, ...Object.values(derivatives)] as Tensor[];
  const feeds = new Map<string, Value>([...layoutFeeds, ...fed, ['rows', packed], ['slopes', slopes]]);
  const exact = evaluate(outputs, feeds);
  (await runOnnx(outputs, feeds)).forEach((value, i) => {
    expectClose(value, exact[i], 1e-4, `output ${i} in ONNX Runtime`);
  });

  const totals = Object.values(leaves).map(({ shape }) => ({
    shape: shape as number[],
    data: new Float64Array((shape as number[]).reduce((a, b) => a * b, 1)),
  }));
  lengths.forEach((length, which) => {
    const own = input('own', [length, d]);
    const part = alone(own, which);
    const slope = gradient(sum(multiply(part, input('slope', [length, d]))), { own, ...leaves });
    const [value, dRows, ...rest] = evaluate(
      [part, ...Object.values(slope)] as Tensor[],
      new Map<string, Value>([...fed, ['own', only(packed, which)], ['slope', only(slopes, which)]]),
    );
    expectClose(value, only(exact[0], which), 1e-9, `sequence ${which}`);
    expectClose(dRows, only(exact[1], which), 1e-9, `gradient of sequence ${which}`);
    rest.forEach(({ data }, i) => {
      data.forEach((x, at) => {
        totals[i].data[at] += x;
      });
    });
  });
  totals.forEach((total, i) => {
    expectClose(total, exact[2 + i], 1e-9, `gradient of ${Object.keys(leaves)[i]}`);
  });
}

/** A sequence on its own, as a full batch of one. */
const single = (own: Tensor): Ragged => fullRagged(reshape(own, [1, own.shape[0], d]));

describe('Transformer layers', () => {
  const specs = transformerLayerParameters(d, 6);
  const params = inputsOf(specs, 'params');
  test.each<TransformerOptions>([
    { heads: 2, activation: 'relu', norm: 'post' },
    { heads: 2, activation: 'gelu', norm: 'pre' },
    { heads: 1, activation: 'geluTanh', norm: 'pre', epsilon: 1e-6 },
    { heads: 4, activation: 'quickGelu', norm: 'post' },
  ])('$norm-norm with $activation and $heads heads', async (options) => {
    await expectSameAlone(
      params,
      normalFeeds(specs, 'params', 0.5),
      (x) => transformerLayer(params, { rows: x, layout }, options).rows,
      (own) => transformerLayer(params, single(own), options).rows,
    );
  });
});

test('attention with an additive bias for each group', async () => {
  const specs = attentionParameters(d);
  const params = inputsOf(specs, 'params');
  // The bias of a place grows with the key: the same for every group, cut to its width.
  const biasOf = (width: number) => constant(Array.from({ length: width }, (_, i) => i / 3));
  await expectSameAlone(
    params,
    normalFeeds(specs, 'params', 0.5),
    (x) =>
      selfAttention(
        params,
        { rows: x, layout },
        { heads: 2 },
        layout.groups.map(({ width }) => biasOf(Number(width))),
      ),
    (own) => selfAttention(params, single(own), { heads: 2 }, [biasOf(Number(own.shape[0]))]),
  );
});

test('dense attention, of itself or of a memory, is that of packed groups', () => {
  const specs = attentionParameters(d);
  const params = inputsOf(specs, 'params');
  const fed = normalFeeds(specs, 'params', 0.5);
  const packedResult = selfAttention(params, { rows, layout }, { heads: 2 });
  const [value] = evaluate([packedResult], new Map<string, Value>([...layoutFeeds, ...fed, ['rows', packed]]));
  lengths.forEach((length, which) => {
    const [queries, memory] = ['queries', 'memory'].map((name) => input(name, [1, length, d]));
    const { shape, data } = only(packed, which);
    const own: Value = { shape: [1, ...shape], data };
    const found = evaluate(
      [queries, memory].map((read) => multiHeadAttention(params, queries, read, { heads: 2 })),
      new Map<string, Value>([...fed, ['queries', own], ['memory', own]]),
    );
    for (const one of found) expectClose({ shape, data: one.data }, only(value, which), 1e-12);
  });
});

test('heads that do not share the width evenly are refused', () => {
  const params = inputsOf(attentionParameters(d), 'params');
  expect(() => selfAttention(params, { rows, layout }, { heads: 3 })).toThrow(
    'width 4 cannot be shared evenly by 3 heads',
  );
});

describe('recurrent layers', () => {
  const recurrence = { counts: carried.counts, reverse: carried.reverse };
  /** Counts and turning of a single sequence. */
  const aloneOf = (length: number) => ({
    counts: constant(Array(length).fill(1), [length], 'int32'),
    reverse: constant(
      Array.from({ length }, (_, i) => length - 1 - i),
      [length],
      'int32',
    ),
  });

  test('one direction', async () => {
    const specs = gruParameters(d, d);
    const params = inputsOf(specs, 'params');
    await expectSameAlone(
      params,
      normalFeeds(specs, 'params', 0.5),
      (x) => gru(params, x, recurrence),
      (own) => gru(params, own, aloneOf(own.shape[0] as number)),
    );
  });

  test.each([
    ['mean', d],
    ['concat', d / 2],
  ] as const)('both directions, %s', async (directions, width) => {
    const specs = biGruParameters(d, width);
    const params = inputsOf(specs, 'params');
    const fed = normalFeeds(specs, 'params', 0.5);
    await expectSameAlone(
      params,
      fed,
      (x) => biGru(params, x, recurrence, directions),
      (own) => biGru(params, own, aloneOf(own.shape[0] as number), directions),
    );

    const plain = biGruPadded(params, input('x', [4, 6, d]), input('lengths', [4], 'int32'), directions);
    const [trained] = evaluate(
      [biGru(params, rows, recurrence, directions)],
      new Map<string, Value>([...layoutFeeds, ...fed, ['rows', packed]]),
    );
    const feeds = new Map<string, Value>([
      ...fed,
      ['x', padded],
      ['lengths', { shape: [4], data: Float64Array.from(lengths) }],
    ]);
    expectClose(evaluate([plain], feeds)[0], padValue(trained, host, 6), 1e-12, 'padded form');
    expectClose(
      (await runOnnx([plain], feeds, true))[0],
      padValue(trained, host, 6),
      1e-5,
      'padded form in ONNX Runtime',
    );
  });
});

test('batch norm of inference is the one of training with its own statistics', () => {
  const params = inputsOf(normParameters(d), 'norm');
  const running = inputsOf(runningStatistics(d), 'running');
  const x = input('x', [7, d]);
  const value = normalValue([7, d], 'x');
  const fed: [string, Value][] = [...normalFeeds(normParameters(d), 'norm'), ['x', value]];
  const columns = Array.from({ length: d }, (_, i) => value.data.filter((_, at) => at % d === i));
  const means = columns.map((column) => column.reduce((a, b) => a + b) / 7);
  const variances = columns.map((column, i) => column.reduce((a, b) => a + (b - means[i]) ** 2, 0) / 7);
  const feeds = new Map<string, Value>([
    ...fed,
    ['running.mean', { shape: [d], data: Float64Array.from(means) }],
    ['running.variance', { shape: [d], data: Float64Array.from(variances) }],
  ]);
  const [trained, inferred] = evaluate([batchNormTraining(params, running, x).y, batchNorm(params, running, x)], feeds);
  expectClose(inferred, trained, 1e-7);
});
