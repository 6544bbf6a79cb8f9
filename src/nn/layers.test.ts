/** @file Layers against golden values of PyTorch: value and every gradient. */
import { expect, test } from 'vitest';
import { evaluate } from '../graph/evaluate/evaluate.ts';
import { gelu, geluTanh, leakyRelu, quickGelu, softplus, where } from '../graph/ops/elementwise.ts';
import { input } from '../graph/ops/leaves.ts';
import { l2Normalize } from '../graph/ops/reduce.ts';
import { unsqueeze } from '../graph/ops/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { expectClose } from '../graph/testing/check.ts';
import type { Value } from '../graph/values.ts';
import { attention } from './attention.ts';
import { biGru } from './gru.ts';
import { layoutOf } from './layout.ts';
import { batchNormTraining, layerNorm } from './norm.ts';
import { layoutFrom, mergeGroups, padGroups, type Ragged, raggedSpecs, rowsOf } from './ragged.ts';
import { expectGolden, type GoldenArray, type GoldenCase, numbersOf, readGolden } from './testing/golden.ts';
import { inputsOf, layoutValues, packValue } from './testing/sequences.ts';
import { transformerLayer } from './transformer.ts';

type Lengths = { readonly lengths: GoldenArray };
const golden = readGolden<{
  gru_bidirectional: GoldenCase & Lengths;
  transformer_layer_post_norm: GoldenCase & Lengths;
  attention_masked_biased: GoldenCase & { allowed: GoldenArray };
  layer_norm: GoldenCase;
  batch_norm_training: GoldenCase;
  gelu_exact: GoldenCase;
  gelu_tanh: GoldenCase;
  quick_gelu: GoldenCase;
  softplus: GoldenCase;
  leaky_relu_01: GoldenCase;
  l2_normalize: GoldenCase;
  batch_norm_running: Readonly<Record<'x' | 'runningMean' | 'runningVariance', GoldenArray>>;
}>('./golden/layers.json', import.meta.url);

/** Rows of golden sequences, packed by their lengths. */
function packedSequences({ lengths, inputs }: GoldenCase & Lengths) {
  const width = inputs.x.shape[1];
  const host = layoutOf(lengths.data, [width], 'time');
  const carried = inputsOf(raggedSpecs('layout', [width], 'time'), 'layout');
  return {
    carried,
    layout: layoutFrom(carried, lengths.data.length),
    options: {
      feeds: layoutValues(host, 'layout'),
      shapes: { x: [rowsOf('layout'), inputs.x.shape[2]] },
      arrange: (value: Parameters<typeof packValue>[0], name: string) =>
        name === 'x' ? packValue(value, host) : value,
    },
  };
}

/** A batch of one group as [batch, width, d]. */
function paddedBatch(batch: Ragged): Tensor {
  const [{ x, mask }] = padGroups(batch);
  return mergeGroups([where(unsqueeze(mask!, -1), x, 0)], batch.layout.batch);
}

test('bidirectional GRU over packed rows', async () => {
  const { carried, layout, options } = packedSequences(golden.gru_bidirectional);
  await expectGolden(
    golden.gru_bidirectional,
    (p) => {
      const rows = biGru(
        {
          forward: { inputWeight: p.wih, recurrentWeight: p.whh, inputBias: p.bih, recurrentBias: p.bhh },
          backward: { inputWeight: p.wihR, recurrentWeight: p.whhR, inputBias: p.bihR, recurrentBias: p.bhhR },
        },
        p.x,
        carried,
        'concat',
      );
      return paddedBatch({ rows, layout });
    },
    options,
  );
});

test('post-norm Transformer layer over packed rows', async () => {
  const { layout, options } = packedSequences(golden.transformer_layer_post_norm);
  await expectGolden(
    golden.transformer_layer_post_norm,
    (p) => {
      const params = {
        attention: {
          input: { weight: p.self_attn_in_proj_weight, bias: p.self_attn_in_proj_bias },
          output: { weight: p.self_attn_out_proj_weight, bias: p.self_attn_out_proj_bias },
        },
        attentionNorm: { scale: p.norm1_weight, shift: p.norm1_bias },
        expand: { weight: p.linear1_weight, bias: p.linear1_bias },
        contract: { weight: p.linear2_weight, bias: p.linear2_bias },
        hiddenNorm: { scale: p.norm2_weight, shift: p.norm2_bias },
      };
      const layer = transformerLayer(params, { rows: p.x, layout }, { heads: 2, activation: 'relu', norm: 'post' });
      return paddedBatch(layer);
    },
    options,
  );
});

test('attention with a mask and an additive bias', async () => {
  const { allowed } = golden.attention_masked_biased;
  const mask = input('allowed', allowed.shape, 'bool');
  await expectGolden(golden.attention_masked_biased, (p) => attention(p.q, p.k, p.v, { mask, bias: p.bias }), {
    feeds: [['allowed', numbersOf(allowed)]],
  });
});

test('layer norm', async () => {
  await expectGolden(golden.layer_norm, (p) => layerNorm({ scale: p.g, shift: p.b }, p.x));
});

const zeroMean = input('mean', [3]);
const unitVariance = input('variance', [3]);
const fresh: [string, Value][] = [
  ['mean', { shape: [3], data: new Float64Array(3) }],
  ['variance', { shape: [3], data: new Float64Array(3).fill(1) }],
];

test('batch norm of training: value and gradients', async () => {
  await expectGolden(
    golden.batch_norm_training,
    (p) => batchNormTraining({ scale: p.g, shift: p.b }, { mean: zeroMean, variance: unitVariance }, p.x).y,
    { feeds: fresh },
  );
});

test('batch norm of training: running statistics', () => {
  const { x, runningMean, runningVariance } = golden.batch_norm_running;
  const norm = { scale: input('scale', [3]), shift: input('shift', [3]) };
  const { running } = batchNormTraining(norm, { mean: zeroMean, variance: unitVariance }, input('x', x.shape));
  const outputs: Tensor[] = [running.mean, running.variance];
  const values = evaluate(outputs, new Map([...fresh, ['x', numbersOf(x)]]));
  expectClose(values[0], numbersOf(runningMean), 1e-7);
  expectClose(values[1], numbersOf(runningVariance), 1e-7);
  expect(outputs.every(({ shape }) => shape[0] === 3)).toBe(true);
});

test.each([
  ['gelu_exact', gelu],
  ['gelu_tanh', geluTanh],
  ['quick_gelu', quickGelu],
  ['softplus', softplus],
  ['leaky_relu_01', (x: Tensor) => leakyRelu(x, 0.1)],
  ['l2_normalize', l2Normalize],
] as const)('%s', async (name, f) => {
  await expectGolden(golden[name], ({ x }) => f(x));
});
