/** @file The fragment layer and residual pooling around another tower, against its formula; exported form; dropout. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { input } from '../../graph/ops/leaves.ts';
import { mean } from '../../graph/ops/reduce.ts';
import { reshape } from '../../graph/ops/shape.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import { expectClose, expectGradient, normalValue, probe } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import { layoutOf } from '../../nn/layout.ts';
import { linear } from '../../nn/linear.ts';
import { fullRagged } from '../../nn/ragged.ts';
import { inputsOf, layoutValues, normalFeeds, packValue } from '../../nn/testing/sequences.ts';
import { type TransformerLayer, transformerLayer } from '../../nn/transformer.ts';
import { type RelationTowerOptions, relationTower } from './relation-tower.ts';
import { linearTower } from './testing/towers.ts';

const [width, d, longest] = [3, 4, 5];
const lengths = [5, 3, 2, 1];
const widths = [5, 3];
const host = layoutOf(lengths, widths, 'sequence');
const padded = normalValue([lengths.length, longest, width], 'x');
const packed = packValue(padded, host);
const options: RelationTowerOptions = {
  dimension: d,
  heads: 2,
  hidden: 6,
  dropout: 0.4,
  residualWeight: 0.8,
  topValues: 2,
  stream: 'text',
};
const base = linearTower(width, d, widths, longest);
const key = input('key', [], 'int32');

function encoded(more: Partial<RelationTowerOptions> = {}, training = false) {
  const tower = relationTower(base, { ...options, ...more });
  const params = inputsOf(tower.parameters as Tree<Spec>, 'params') as Tree<Tensor>;
  const batch = inputsOf(tower.inputs('words'), 'batch') as Tree<Tensor>;
  return { tower, params, ...tower.encode(params, {}, batch, lengths.length, { training, key }) };
}

const { tower, params, pooled, fragments } = encoded();
const feeds = new Map<string, Value>([
  ...normalFeeds(tower.parameters as Tree<Spec>, 'params', 0.5),
  ...layoutValues(host, 'batch.layout'),
  ['batch.x', packed],
  ['key', { shape: [], data: Float64Array.of(5) }],
]);

describe('residual pooling', () => {
  test.each([
    ['official: mean of the two largest', 2],
    ['paper: maximum', 1],
  ])('%s, sequence by sequence', (_, topValues) => {
    const { pooled: vectors } = encoded({ topValues });
    const { base: map, layer } = params as { base: Parameters<typeof linear>[0]; layer: TransformerLayer<Tensor> };
    const [all] = evaluate([vectors], feeds);
    lengths.forEach((length, which) => {
      const rows = linear(map, input('own', [length, width]));
      const related = transformerLayer(layer, fullRagged(reshape(rows, [1, length, d])), {
        heads: 2,
        activation: 'relu',
        norm: 'post',
      });
      const own = padded.data.slice(which * longest * width, (which * longest + length) * width);
      const [R, meanRelated] = evaluate(
        [rows, mean(related.rows, 0)],
        new Map([...feeds, ['own', { shape: [length, width], data: own }]]),
      );
      const expected = Array.from({ length: d }, (_, at) => {
        const column = R.data.filter((_, i) => i % d === at).sort((a, b) => b - a);
        const top = column.slice(0, topValues);
        return 0.8 * (top.reduce((a, b) => a + b) / top.length) + 0.2 * meanRelated.data[at];
      });
      const actual = all.data.slice(which * d, which * d + d);
      expectClose({ shape: [d], data: actual }, { shape: [d], data: Float64Array.from(expected) }, 1e-7);
    });
  });

  test('gradients, in ONNX Runtime too', async () => {
    expectGradient(probe(pooled), feeds);
    const leaves = Object.fromEntries(leavesOf<Tensor>(params));
    const outputs = [pooled, ...Object.values(gradient(probe(pooled), leaves))] as Tensor[];
    const exact = evaluate(outputs, feeds);
    (await runOnnx(outputs, feeds)).forEach((value, i) => {
      expectClose(value, exact[i], 1e-4);
    });
  });
});

test('fragments are those before the layer', () => {
  const batch = inputsOf(base.inputs('words'), 'batch') as Tree<Tensor>;
  const own = base.encode((params as Record<string, Tree<Tensor>>).base, {}, batch, lengths.length, {
    training: false,
  });
  expect(fragments.rows).toBe(own.fragments.rows);
});

test('the exported form takes plain padded input and gives the same vectors, of standard operators', async () => {
  const specs = tower.exported.inputs as Record<string, Spec>;
  const exported = tower.exported.encode(params, {}, inputsOf(specs, 'exported') as Tree<Tensor>).pooled;
  const fed = new Map<string, Value>([
    ...feeds,
    // What stands beyond a length is arbitrary.
    ['exported.x', padded],
    ['exported.lengths', { shape: [lengths.length], data: Float64Array.from(lengths) }],
  ]);
  const [expected] = evaluate([pooled], feeds);
  expectClose(evaluate([exported], fed)[0], expected, 1e-12);
  expectClose((await runOnnx([exported], fed, true))[0], expected, 1e-5, 'in ONNX Runtime');
  const other = new Map([
    ...fed,
    ['exported.x', { shape: padded.shape, data: padded.data.map((x, i) => (isOwn(i) ? x : 9)) }],
  ]);
  expectClose(evaluate([exported], other)[0], expected, 1e-12, 'whatever stands in padded places');
});

/** Whether an element of the padded input belongs to a sequence. */
function isOwn(element: number): boolean {
  const place = Math.floor(element / width);
  return place % longest < lengths[Math.floor(place / longest)];
}

test('the layer drops in training alone, by the key of the step', () => {
  const { pooled: dropped } = encoded({}, true);
  const at = (step: number) => new Map([...feeds, ['key', { shape: [], data: Float64Array.of(step) }] as const]);
  const [plain] = evaluate([pooled], feeds);
  const [first] = evaluate([dropped], at(1));
  expect(evaluate([dropped], at(1))[0].data).toEqual(first.data);
  expect(evaluate([dropped], at(2))[0].data).not.toEqual(first.data);
  expect(first.data).not.toEqual(plain.data);
  const { pooled: undropped } = encoded({ dropout: 0 }, true);
  expectClose(evaluate([undropped], feeds)[0], plain, 1e-12);
});
