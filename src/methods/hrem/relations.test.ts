/** @file The graph of a batch: who is linked, how strongly, and where gradient flows. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { add, multiply } from '../../graph/ops/elementwise.ts';
import { constant, input } from '../../graph/ops/leaves.ts';
import { l2Normalize, sum } from '../../graph/ops/reduce.ts';
import { transpose } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose, expectGradient, normalValue, probe } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import { leavesOf } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import { initialise } from '../../nn/parameters.ts';
import { inputsOf, normalFeeds } from '../../nn/testing/sequences.ts';
import { strongest } from './adjacency.ts';
import { closeness, distances } from './distances.ts';
import { edgeMlpParameters, learnedEdges } from './edges.ts';
import type { Matching } from './matching.ts';
import { regulariser } from './regulariser.ts';
import { assembled, type Blocks, relationsOf } from './relations.ts';
import { reachedBy } from './testing/reach.ts';

const [pairs, d, best] = [5, 4, 3];
const V = input('V', [pairs, d]);
const U = input('U', [pairs, d]);
const square = (name: string) => input(name, [pairs, pairs]);
const matching: Matching = {
  imageToText: square('P_IT'),
  textToImage: square('P_TI'),
  bestRegions: input('q_IT', [pairs, pairs, best]),
  bestWords: input('q_TI', [pairs, pairs, best]),
};
const specs = edgeMlpParameters(best);
const mlps = inputsOf(specs, 'mlps');
const feeds = new Map<string, Value>([
  ['V', normalValue([pairs, d], 'V')],
  ['U', normalValue([pairs, d], 'U')],
  ...(['P_IT', 'P_TI'] as const).map((name) => [name, normalValue([pairs, pairs], name)] as const),
  ...(['q_IT', 'q_TI'] as const).map((name) => [name, normalValue([pairs, pairs, best], name)] as const),
  ...normalFeeds(specs, 'mlps'),
]);
const options = { density: 0.5, kernelWidth: 0.7 };

describe('the strongest relations', () => {
  const x = constant([3, 1, 2, 0, 1, 1, 1, 0, 4, 4, 0, 4, 1, 2, 3, 4], [4, 4]);
  const linked = (density: number) => evaluate([strongest(x, density)], new Map())[0].data;

  test('are floor(density x pairs) of each row, and all that are equal to the last of them', () => {
    expect([...linked(0.5)]).toEqual([1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1]);
    expect([...linked(0.74)]).toEqual([...linked(0.5)]);
    expect([...linked(0.25)]).toEqual([1, 0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 0, 1]);
    expect([...linked(1)]).toEqual(Array(16).fill(1));
  });

  test('a density that leaves nobody is refused, and one beyond the batch', () => {
    expect(() => strongest(x, 0.2)).toThrow('a graph density of 0.2 leaves each of 4 instances 0 neighbours');
    expect(() => strongest(x, 1.3)).toThrow('a graph density of 1.3 leaves each of 4 instances 5 neighbours');
  });
});

test('every instance is linked to itself, even where rounding makes another product the largest', () => {
  const long = constant([1, 0, 0, 0, 9, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], [pairs, d]);
  const { linked } = relationsOf({ images: long, texts: U }, matching, mlps, { ...options, density: 0.2 });
  const { data } = evaluate([linked.imageToImage], feeds)[0];
  expect([data[0], data[1]]).toEqual([1, 1]);
});

test('distances are Euclidean, not squared, and flat at zero', async () => {
  const a = feeds.get('V')!.data;
  const b = feeds.get('U')!.data;
  const between = (i: number, j: number) =>
    Math.hypot(...Array.from({ length: d }, (_, at) => a[i * d + at] - b[j * d + at]));
  const expected = {
    shape: [pairs, pairs],
    data: Float64Array.from({ length: pairs * pairs }, (_, at) => between(Math.floor(at / pairs), at % pairs)),
  };
  expectClose(evaluate([distances(V, U)], feeds)[0], expected, 1e-12);
  expectGradient(probe(distances(V, U)), feeds);
  expectGradient(probe(closeness(V, U, 0.7)), feeds);

  // The same batch with row 1 twice: in float32 the product form leaves noise where the distance is zero.
  const twice = new Map([
    ['V', { shape: [pairs, d], data: a.map((x, at) => (at >= d && at < 3 * d ? a[d + (at % d)] : x)) }],
  ]);
  const unit = l2Normalize(V);
  const close = closeness(unit, unit, 1);
  const { slope } = gradient(sum(multiply(close, close)), { slope: V });
  const [single, derivative] = await runOnnx([close, slope], twice);
  const [exact, exactDerivative] = evaluate([close, slope], twice);
  for (const [i, j] of [
    [0, 0],
    [1, 1],
    [1, 2],
    [2, 1],
  ])
    expect(single.data[i * pairs + j]).toBe(1);
  expectClose(single, exact, 1e-5);
  expectClose(derivative, exactDerivative, 1e-5);
});

test('edges across modalities are the mean plus what the perceptron makes of the best matches', () => {
  const [edges] = evaluate([learnedEdges(mlps.imageToText, matching.bestRegions, matching.imageToText)], feeds);
  const of = (path: string) => feeds.get(`mlps.imageToText.${path}`)!.data;
  const q = feeds.get('q_IT')!.data;
  const expected = feeds.get('P_IT')!.data.map((mean, at) => {
    const hidden = Array.from({ length: best }, (_, h) =>
      Math.max(
        0,
        of('hidden.bias')[h] + [0, 1, 2].reduce((x, i) => x + of('hidden.weight')[h * best + i] * q[at * best + i], 0),
      ),
    );
    return mean + of('output.bias')[0] + hidden.reduce((x, value, h) => x + of('output.weight')[h] * value, 0);
  });
  expectClose(edges, { shape: [pairs, pairs], data: expected }, 1e-12);
});

test('the perceptrons have 121 parameters each and start as copies, in every run alike', () => {
  const values = initialise(edgeMlpParameters(10), 1);
  const of = (side: string) => [...values].filter(([path]) => path.startsWith(side)).map(([, { data }]) => [...data]);
  expect(of('imageToText').flat()).toHaveLength(121);
  expect(of('textToImage')).toEqual(of('imageToText'));
  expect([...initialise(edgeMlpParameters(10), 2).values()]).toEqual([...values.values()]);
  for (const x of of('imageToText').flat()) expect(Math.abs(x)).toBeLessThanOrEqual(Math.sqrt(1 / 10));
  expect(new Set(of('imageToText').flat()).size).toBe(121);
});

describe('gradient', () => {
  const { weights, linked } = relationsOf({ images: V, texts: U }, matching, mlps, options);
  const leaves = { V, U, ...Object.fromEntries(leavesOf<Tensor>(mlps)) };
  const reached = (x: Tensor) => reachedBy(x.shape.length === 0 ? x : probe(x), leaves);

  test('flows through weights inside a modality into its embeddings, across modalities into one perceptron', () => {
    const mlp = (side: string) => Object.keys(leaves).filter((name) => name.startsWith(side));
    expect(reached(weights.imageToImage)).toEqual(['V']);
    expect(reached(weights.textToText)).toEqual(['U']);
    expect(reached(weights.imageToText)).toEqual(mlp('imageToText'));
    expect(reached(weights.textToImage)).toEqual(mlp('textToImage'));
    for (const block of Object.values(weights)) expectGradient(probe(block), feeds);
    for (const block of Object.values(linked)) expect(block.dtype).toBe('bool');
  });

  test('of the regulariser reaches the perceptrons alone', () => {
    const loss = regulariser(weights, { images: V, texts: U }, { kernelWidth: 0.7, temperature: 0.8 });
    expect(reached(loss)).toEqual(Object.keys(leaves).filter((name) => name !== 'V' && name !== 'U'));
    // Finite differences of all inputs would move the guide too.
    const fixed = new Map([...feeds].filter(([name]) => name !== 'V' && name !== 'U'));
    const [v, u] = [V, U].map((x, i) => constant(feeds.get(['V', 'U'][i])!.data, x.shape as number[]));
    expectGradient(regulariser(weights, { images: v, texts: u }, { kernelWidth: 0.7, temperature: 0.8 }), fixed);
  });
});

describe('the regulariser', () => {
  const shift = (name: string) => input(name, [pairs, 1]);
  const guide = closeness(V, U, 0.7);
  const shifted = { imageToText: add(guide, shift('rows')), textToImage: add(transpose(guide), shift('columns')) };
  const more = new Map([
    ...feeds,
    ['rows', normalValue([pairs, 1], 'r')],
    ['columns', normalValue([pairs, 1], 'c')],
  ] as const);
  const lossOf = (edges: Pick<Blocks, 'imageToText' | 'textToImage'>, temperature = 1) =>
    evaluate([regulariser(edges, { images: V, texts: U }, { kernelWidth: 0.7, temperature })], more)[0].data[0];

  test.each([1, 0.4])(
    'is zero where edges are the guide plus a constant of each row, at temperature %d',
    (temperature) => {
      expect(lossOf(shifted, temperature)).toBeCloseTo(0, 12);
    },
  );

  test('is the mean divergence of learned shares from the guide, and not the other way round', () => {
    const edges = { imageToText: matching.imageToText, textToImage: matching.textToImage };
    const [g, it, ti] = evaluate([guide, matching.imageToText, matching.textToImage], feeds).map(({ data }) => data);
    const line = (x: Float64Array, i: number, turned: boolean) =>
      Array.from({ length: pairs }, (_, j) => x[turned ? j * pairs + i : i * pairs + j]);
    const shares = (row: number[]) => row.map((x) => Math.exp(x) / row.reduce((total, y) => total + Math.exp(y), 0));
    const divergence = (a: number[], b: number[]) => a.reduce((total, x, i) => total + x * Math.log(x / b[i]), 0);
    const expected = Array.from({ length: pairs }, (_, i) => {
      const perImage = divergence(shares(line(it, i, false)), shares(line(g, i, false)));
      return perImage + divergence(shares(line(ti, i, false)), shares(line(g, i, true)));
    });
    expect(lossOf(edges)).toBeCloseTo(expected.reduce((a, b) => a + b) / pairs, 7);
  });
});

test('the four blocks lie images first', () => {
  const block = (value: number) => constant(Array(pairs * pairs).fill(value), [pairs, pairs]);
  const blocks = { imageToImage: block(1), imageToText: block(2), textToImage: block(3), textToText: block(4) };
  const { data, shape } = evaluate([assembled(blocks)], new Map())[0];
  expect(shape).toEqual([2 * pairs, 2 * pairs]);
  expect([data[0], data[pairs], data[2 * pairs * pairs], data[2 * pairs * pairs + pairs]]).toEqual([1, 2, 3, 4]);
});
