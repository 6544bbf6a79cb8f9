/** @file HREM's two objectives: what they add up to, the graph left out, where gradient flows, the batch permuted. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { add, multiply } from '../../graph/ops/elementwise.ts';
import { constant } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { sum } from '../../graph/ops/reduce.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose, expectGradient, normalValue } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import { leavesOf, mapTree, type Tree } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { fullRagged } from '../../nn/ragged.ts';
import { inputsOf, normalFeeds } from '../../nn/testing/sequences.ts';
import { enhance, type GraphOptions, hremBase, hremGraph } from './objective.ts';
import type { PairLoss } from './pair-loss.ts';
import { regulariser } from './regulariser.ts';
import { reachedBy } from './testing/reach.ts';
import { sceneOf } from './testing/scene.ts';
import { tripletLosses } from './triplet.ts';

const d = 4;
const { scene, feeds } = sceneOf({
  ids: [0, 1, 2, 1, 3],
  regions: [3, 5, 1, 4, 5],
  words: [6, 4, 3, 2, 1],
  widths: { regions: 5, words: [6, 3] },
  dimension: d,
});
const sampling = { margin: 0.5, draws: 3, floor: 0.5, cut: 1.7, sphere: 12, order: 'masked-first' } as const;
const loss: PairLoss = { kind: 'distance-weighted', ...sampling };
const options: GraphOptions = {
  density: 0.5,
  kernelWidth: 1,
  temperature: 1,
  regulariserWeight: 10,
  matching: { form: 'official', best: 3, padding: 'masked' },
  interaction: 'fusion',
  layers: 1,
  heads: 2,
  hidden: 6,
  dropout: 0.2,
  edgeScale: 1,
  branches: 'own',
  crossReads: 'input',
};
const { key } = scene.mode;

function graphTerm(more: Partial<GraphOptions> = {}) {
  const objective = hremGraph(d, loss, { ...options, ...more });
  const params = inputsOf(objective.parameters, 'params') as Tree<Tensor>;
  const fed = new Map<string, Value>([...feeds, ...normalFeeds(objective.parameters, 'params', 0.5)]);
  return { params, fed, term: objective.term(params, {}, {}, scene) };
}

const valueOfLoss = (x: Tensor, fed: ReadonlyMap<string, Value>) => evaluate([x], fed)[0].data[0];

test('the base is the triplet loss on the scores, and its gradient that of two encoders alone', () => {
  const objective = hremBase(loss);
  expect([objective.parameters, objective.memory, objective.inputs]).toEqual([{}, {}, {}]);
  const term = objective.term({}, {}, {}, scene);
  const plain = sum(tripletLosses([scene.scores], scene.sameImage, sampling, key!, 'hrem.base'));
  expect(term.loss).toBe(plain);
  expectGradient(term.loss, feeds);
  expect(reachedBy(term.loss, { image: scene.image.fragments.rows, text: scene.text.fragments.rows })).toEqual([]);
});

describe('the graph adds', () => {
  test('three pairs of embedding sets and the weighted regulariser', () => {
    const { params, fed, term } = graphTerm();
    const { initial, enhanced, relations } = enhance(params, scene, options);
    const against = (v: Tensor, u: Tensor) => matmul(v, u, { transposeB: true });
    const scores = [
      against(enhanced.images, enhanced.texts),
      against(initial.images, enhanced.texts),
      against(enhanced.images, initial.texts),
    ];
    const pairs = tripletLosses(scores, scene.sameImage, sampling, key!, 'hrem.graph');
    const divergence = regulariser(relations.weights, initial, options);
    const [value, expected, each, own] = evaluate(
      [term.loss, add(sum(pairs), multiply(divergence, 10)), pairs, divergence],
      fed,
    );
    expect(value.data[0]).toBeCloseTo(expected.data[0], 10);
    const metrics = Object.fromEntries(
      leavesOf<Tensor>(term.metrics).map(([name, metric]) => [name, valueOfLoss(metric, fed)]),
    );
    expect(metrics).toEqual({
      enhancedLoss: each.data[0],
      enhancedTextsLoss: each.data[1],
      enhancedImagesLoss: each.data[2],
      regulariser: own.data[0],
    });
    for (const number of Object.values(metrics)) expect(number).toBeGreaterThan(0);
  });

  test('no regulariser at weight 0', () => {
    const { term, fed } = graphTerm({ regulariserWeight: 0 });
    expect(Object.keys(term.metrics)).not.toContain('regulariser');
    const { term: whole, fed: same } = graphTerm();
    const divergence = valueOfLoss(whole.metrics.regulariser as Tensor, same);
    expect(valueOfLoss(whole.loss, same) - valueOfLoss(term.loss, fed)).toBeCloseTo(10 * divergence, 6);
  });
});

test('padding that a side tells of is read where padding is read, and only there', () => {
  const padding = constant([1, -2, 3, 0.5], [d]);
  const edges = (form: 'read' | 'masked', told: boolean) => {
    const image = { ...scene.image, ...(told && { padding }) };
    const matching = { ...options.matching, padding: form };
    const { params, fed } = graphTerm();
    const { relations } = enhance(params, { ...scene, image }, { ...options, matching });
    return [...evaluate([relations.weights.imageToText], fed)[0].data];
  };
  expect(edges('read', true)).not.toEqual(edges('read', false));
  expect(edges('masked', true)).toEqual(edges('masked', false));
});

describe('gradient', () => {
  test.each([
    ['fusion', {}],
    ['standalone', { interaction: 'standalone' }],
  ] as const)('of the three pairs by finite differences, %s', (_, more) => {
    // Differences of fragments would move edges though no gradient flows through them, and those of parameters are tested with
    // the layers: here both are constants.
    const held = (name: string) =>
      fullRagged(constant(normalValue([scene.pairs, 3, d], name).data, [scene.pairs, 3, d]));
    const objective = hremGraph(d, loss, { ...options, ...more, regulariserWeight: 0 });
    const params = mapTree(objective.parameters, ({ shape }: ParameterSpec, path) =>
      constant(normalValue(shape, path).data, shape),
    ) as Tree<Tensor>;
    const { loss: value } = objective.term(
      params,
      {},
      {},
      {
        ...scene,
        image: { ...scene.image, fragments: held('regions') },
        text: { ...scene.text, fragments: held('words') },
      },
    );
    expectGradient(value, feeds, 1e-5);
  });

  test('reaches both embeddings and every parameter, and no fragment', () => {
    const { term, params } = graphTerm();
    const embeddings = { V: scene.image.pooled, U: scene.text.pooled };
    const fragments = { regions: scene.image.fragments.rows, words: scene.text.fragments.rows };
    expect(reachedBy(term.loss, { ...embeddings, ...fragments })).toEqual(['V', 'U']);
    const names = leavesOf<Tensor>(params).map(([name]) => name);
    expect(reachedBy(term.loss, params)).toEqual(names);
    expect(reachedBy(term.metrics.regulariser as Tensor, { ...embeddings, ...fragments })).toEqual([]);
    expect(reachedBy(term.metrics.regulariser as Tensor, params)).toEqual(
      names.filter((name) => name.startsWith('edges')),
    );
  });

  test('ONNX Runtime gives the same loss and gradients', async () => {
    const { term, params, fed } = graphTerm();
    const leaves = { V: scene.image.pooled, U: scene.text.pooled, ...Object.fromEntries(leavesOf<Tensor>(params)) };
    const outputs = [term.loss, ...Object.values(gradient(term.loss, leaves))] as Tensor[];
    const exact = evaluate(outputs, fed);
    (await runOnnx(outputs, fed)).forEach((value, i) => {
      expectClose(value, exact[i], 2e-4, `output ${i}`);
    });
  });
});

test.each([
  ['fusion', {}],
  ['standalone', { interaction: 'standalone' }],
] as const)('permuting the batch permutes V̄ and Ū, from fragments on: %s', (_, more) => {
  const lengths = Array(4).fill(3);
  const shape = {
    ids: [0, 1, 2, 3],
    regions: lengths,
    words: lengths,
    widths: { regions: 3, words: [3] },
    dimension: d,
  };
  const { scene: plain, feeds: own, images, texts } = sceneOf(shape);
  const still = { ...plain, mode: { training: false } };
  const { params, fed } = graphTerm(more);
  const { enhanced } = enhance(params, still, { ...options, ...more });
  const outputs = [enhanced.images, enhanced.texts];
  const order = [2, 0, 3, 1];
  const rows = ({ shape: [count, width], data }: Value): Value => ({
    shape: [count, width],
    data: Float64Array.from(order.flatMap((i) => [...data.slice(i * width, (i + 1) * width)])),
  });
  const both = new Map([...fed, ...own]);
  // Captions lie step by step, images one after the other.
  const packed = (name: string, sequences: readonly number[][][], byStep: boolean): [string, Value] => {
    const turned = order.map((i) => sequences[i]);
    const list = byStep ? [0, 1, 2].flatMap((step) => turned.map((one) => one[step])) : turned.flat();
    return [name, { shape: [list.length, d], data: Float64Array.from(list.flat()) }];
  };
  const permuted = new Map<string, Value>([
    ...both,
    ['V', rows(both.get('V')!)],
    ['U', rows(both.get('U')!)],
    packed('image.rows', images.sequences, false),
    packed('text.rows', texts.sequences, true),
  ]);
  const before = evaluate(outputs, both);
  evaluate(outputs, permuted).forEach((value, i) => {
    expectClose(value, rows(before[i]), 1e-10);
  });
  expect(before[0].data).not.toEqual(rows(before[0]).data);
});
