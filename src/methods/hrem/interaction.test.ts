/** @file Interaction layers: equal to plain layers without a graph, equivariant, bound to their neighbours, right in gradient. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { add, greater } from '../../graph/ops/elementwise.ts';
import { input, scalar } from '../../graph/ops/leaves.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import { concat, expand, split } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose, expectGradient, normalValue, probe } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import type { Tree } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import { fullLayout } from '../../nn/ragged.ts';
import { inputsOf, normalFeeds } from '../../nn/testing/sequences.ts';
import { type TransformerLayer, transformerLayer } from '../../nn/transformer.ts';
import { type InteractionOptions, interact, interactionParameters } from './interaction.ts';
import type { Blocks, Relations } from './relations.ts';
import { reachedBy } from './testing/reach.ts';

const [pairs, d] = [3, 4];
const images = input('V', [pairs, d]);
const texts = input('U', [pairs, d]);
const names = ['imageToImage', 'imageToText', 'textToImage', 'textToText'] as const;
const blocks = (make: (name: (typeof names)[number]) => Tensor) =>
  Object.fromEntries(names.map((name) => [name, make(name)])) as unknown as Blocks;
const relations: Relations = {
  linked: blocks((name) => greater(input(`A.${name}`, [pairs, pairs]), 0)),
  weights: blocks((name) => input(`E.${name}`, [pairs, pairs])),
};
const complete: Relations = {
  ...relations,
  linked: blocks(() => greater(expand(scalar(1), [pairs, pairs]), 0)),
};
/** Links of the test: whoever is close by number, in each of the four blocks. */
const ring = Float64Array.from({ length: pairs * pairs }, (_, at) =>
  (Math.floor(at / pairs) - (at % pairs) + pairs) % pairs < 2 ? 1 : -1,
);
const baseOptions: InteractionOptions = {
  interaction: 'fusion',
  layers: 2,
  heads: 2,
  hidden: 4,
  dropout: 0.3,
  edgeScale: 1.5,
  branches: 'own',
  crossReads: 'input',
};
const feeds = new Map<string, Value>([
  ['V', normalValue([pairs, d], 'V')],
  ['U', normalValue([pairs, d], 'U')],
  ...names.flatMap((name): [string, Value][] => [
    [`A.${name}`, { shape: [pairs, pairs], data: ring }],
    [`E.${name}`, normalValue([pairs, pairs], name)],
  ]),
  ['key', { shape: [], data: Float64Array.of(7) }],
]);
const key = input('key', [], 'int32');

function layersOf(options: InteractionOptions) {
  const specs = interactionParameters(d, options);
  const params = inputsOf(specs, 'params') as Tree<Tensor>;
  return { params, fed: new Map([...feeds, ...normalFeeds(specs, 'params', 0.5)]) };
}

const variants: [string, InteractionOptions][] = [
  ['fusion', baseOptions],
  ['standalone', { ...baseOptions, interaction: 'standalone' }],
  ['standalone, shared', { ...baseOptions, interaction: 'standalone', branches: 'shared' }],
  ['standalone, updated', { ...baseOptions, interaction: 'standalone', crossReads: 'updated' }],
];

test('Fusion with every instance linked and λ_E = 0 is a plain Transformer layer over the whole batch', () => {
  const options = { ...baseOptions, edgeScale: 0 };
  const { params, fed } = layersOf(options);
  const enhanced = interact(params, { images, texts }, complete, options, undefined);
  let x = { rows: concat([images, texts], 0), layout: fullLayout(1, 2 * pairs) };
  for (let i = 0; i < options.layers; i++) {
    const layer = params[i] as unknown as TransformerLayer<Tensor>;
    x = transformerLayer(layer, x, { heads: 2, activation: 'relu', norm: 'post' });
  }
  const plain = split(l2Normalize(x.rows), 0, [pairs, pairs]);
  const [v, u, plainV, plainU] = evaluate([enhanced.images, enhanced.texts, ...plain], fed);
  expectClose(v, plainV, 1e-12);
  expectClose(u, plainU, 1e-12);
});

describe.each(variants)('%s', (_, options) => {
  const { params, fed } = layersOf(options);
  const enhanced = interact(params, { images, texts }, relations, options, undefined);
  const outputs = [enhanced.images, enhanced.texts];

  test('gives vectors of unit length, in ONNX Runtime too', async () => {
    const exact = evaluate(outputs, fed);
    for (const { data } of exact) {
      for (let i = 0; i < pairs; i++) expect(Math.hypot(...data.slice(i * d, i * d + d))).toBeCloseTo(1, 10);
    }
    (await runOnnx(outputs, fed)).forEach((value, i) => {
      expectClose(value, exact[i], 1e-5);
    });
  });

  test('permuting the batch permutes the outputs', () => {
    const order = [2, 0, 1];
    const rows = ({ shape, data }: Value): Value => ({
      shape,
      data: Float64Array.from(order.flatMap((i) => [...data.slice(i * shape[1], (i + 1) * shape[1])])),
    });
    const both = (value: Value): Value => {
      const { shape, data } = rows(value);
      return { shape, data: data.map((_, at) => data[Math.floor(at / pairs) * pairs + order[at % pairs]]) };
    };
    const turned = new Map(
      [...fed].map(([name, value]) => {
        if (name === 'V' || name === 'U') return [name, rows(value)];
        return [name, /^[AE]\./.test(name) ? both(value) : value];
      }),
    );
    const before = evaluate(outputs, fed);
    evaluate(outputs, turned).forEach((value, i) => {
      expectClose(value, rows(before[i]), 1e-12);
    });
  });

  test('gradients of embeddings, edge weights and parameters', () => {
    const one = { ...options, layers: 1 };
    const { images: v, texts: u } = interact(params, { images, texts }, relations, one, undefined);
    // The links are fed as numbers, whose derivative is zero on both sides.
    expectGradient(add(probe(v), probe(u)), fed, 1e-5);
  });

  test('drops with the key of the step, differently for another one', () => {
    const dropped = interact(params, { images, texts }, relations, options, key).images;
    const other = new Map([...fed, ['key', { shape: [], data: Float64Array.of(8) }] as const]);
    const [first] = evaluate([dropped], fed);
    expect(evaluate([dropped], fed)[0].data).toEqual(first.data);
    expect(evaluate([dropped], other)[0].data).not.toEqual(first.data);
    expect(evaluate([enhanced.images], fed)[0].data).not.toEqual(first.data);
  });
});

test('an instance reads its neighbours and nobody else', () => {
  const options = { ...baseOptions, layers: 1 };
  const { params, fed } = layersOf(options);
  const { images: v } = interact(params, { images, texts }, relations, options, undefined);
  const { slope } = gradient(probe(split(v, 0, [1, pairs - 1])[0]), { slope: images });
  const [{ data }] = evaluate([slope], fed);
  const read = Array.from({ length: pairs }, (_, i) => data.slice(i * d, i * d + d).some((x) => x !== 0));
  expect(read).toEqual(Array.from(ring.slice(0, pairs), (x) => x > 0));
});

test('Standalone reads the other modality first, as its formulas say', () => {
  const options: InteractionOptions = { ...baseOptions, interaction: 'standalone', layers: 1 };
  const { params } = layersOf(options);
  const reaches = (crossReads: 'input' | 'updated', weight: (typeof names)[number], of: 'images' | 'texts') => {
    const enhanced = interact(params, { images, texts }, relations, { ...options, crossReads }, undefined);
    return reachedBy(probe(enhanced[of]), { weight: relations.weights[weight] }).length > 0;
  };
  expect(reaches('input', 'imageToText', 'images')).toBe(true);
  expect(reaches('input', 'imageToImage', 'images')).toBe(true);
  expect(reaches('input', 'imageToText', 'texts')).toBe(false);
  expect(reaches('updated', 'imageToText', 'texts')).toBe(true);
  expect(reaches('updated', 'imageToImage', 'texts')).toBe(false);
});

test('a layer of Standalone has a branch for each modality, or one for both', () => {
  const of = (branches: 'own' | 'shared') =>
    Object.keys(interactionParameters(d, { ...baseOptions, interaction: 'standalone', layers: 1, branches })['0']);
  expect(of('own')).toEqual(['image', 'text']);
  expect(of('shared')).toEqual(['image']);
});
