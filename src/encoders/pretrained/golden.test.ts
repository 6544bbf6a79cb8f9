/** @file Values and gradients of all families against those of transformers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { readSafetensors } from '../../files/safetensors.ts';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { multiply } from '../../graph/ops/elementwise.ts';
import { input } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { l2Normalize, sum } from '../../graph/ops/reduce.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import type { Tree } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import { layoutOf, packRows } from '../../nn/layout.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { layoutFrom, raggedSpecs, rowsOf } from '../../nn/ragged.ts';
import { inputsOf, layoutValues, packValue } from '../../nn/testing/sequences.ts';
import { hasShared } from '../../testing/shared.ts';
import { bert } from './bert.ts';
import type { PretrainedTextEncoder } from './encoder.ts';
import { headOf } from './head.ts';
import { readPretrained, requireImage, requireText } from './read.ts';
import {
  bertFolder,
  clipFolder,
  leafMap,
  parametersOf,
  storedValue,
  under,
  valuesOf,
  vitFolder,
} from './testing/models.ts';
import { vit } from './vit.ts';
import { takeWeights } from './weights.ts';

const hasVit = hasShared('golden/vit_tiny');
const hasClip = hasShared('golden/clip_tiny');

type Expected = Awaited<ReturnType<typeof readSafetensors>>['tensors'];
const expectedOf = async (folder: string): Promise<Expected> =>
  (await readSafetensors(join(folder, 'expected.safetensors'))).tensors;
const configOf = (folder: string): unknown => JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));

/** Fails unless tensors have values, in the reference evaluation and in ONNX Runtime. */
async function expectValues(
  checks: readonly { label: string; tensor: Tensor; expected: Value; tolerance?: number }[],
  feeds: ReadonlyMap<string, Value>,
): Promise<void> {
  const tensors = checks.map(({ tensor }) => tensor);
  for (const [values, factor, where] of [
    [evaluate(tensors, feeds), 1, 'reference'],
    [await runOnnx(tensors, feeds), 10, 'ONNX Runtime'],
  ] as const) {
    checks.forEach(({ label, expected, tolerance = 1e-5 }, i) => {
      expectClose(values[i], expected, factor * tolerance, `${where}: ${label}`);
    });
  }
}

/** Gradients of sum(output x slopes), against golden ones that were read as if they were weights. `slopes` is fed. */
function gradientChecks(output: Tensor, inputs: Tree<Tensor>, golden: Tree<ParameterSpec>) {
  const loss = sum(multiply(output, input('slopes', output.shape)));
  const slopes = leafMap<Tensor>(gradient(loss, inputs) as Tree<Tensor>);
  return [...valuesOf(golden)].map(([path, expected]) => ({
    label: `gradient of ${path}`,
    tensor: slopes.get(path)!,
    expected,
  }));
}

/** -1 … 1 in equal steps. */
function ramp(shape: number[]): Value {
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float64Array.from({ length: count }, (_, i) => -1 + (2 * i) / (count - 1)) };
}

/** Golden token ids as packed rows: texts end with their last place that the mask keeps. */
function textInput(expected: Expected) {
  const ids = storedValue(expected.get('input.input_ids')!);
  const mask = storedValue(expected.get('input.attention_mask')!);
  const [count, width] = ids.shape;
  const rows = Array.from({ length: count }, (_, i) => i * width);
  const lengths = rows.map((start) => mask.data.slice(start, start + width).reduce((a, b) => a + b));
  const order = rows.map((_, i) => i).sort((a, b) => lengths[b] - lengths[a]);
  const host = layoutOf(
    order.map((i) => lengths[i]),
    [width, width - 2],
    'sequence',
  );
  const sequences = order.map((i) => ids.data.subarray(rows[i], rows[i] + lengths[i]));
  const layout = inputsOf(raggedSpecs('text', [width, width - 2], 'sequence'), 'text');
  const packed = packRows(sequences, host);
  const feeds: [string, Value][] = [
    ...layoutValues(host, 'text'),
    ['ids', { shape: [packed.length], data: Float64Array.from(packed) }],
  ];
  const ragged = { rows: input('ids', [rowsOf('text')], 'int32'), layout: layoutFrom(layout) };
  return { host, order, feeds, input: { ids: ragged, position: layout.position } };
}

function hiddenRows(encoder: PretrainedTextEncoder, inputs: Tree<Tensor>, text: ReturnType<typeof textInput>): Tensor {
  return encoder.finish(inputs, encoder.hidden(inputs, text.input, undefined).rows);
}

describe('BERT', () => {
  test('hidden states and gradients, packed', async () => {
    const expected = await expectedOf(bertFolder);
    const encoder = requireText(await readPretrained(bertFolder));
    const { inputs, feeds } = parametersOf(encoder.parameters);
    const text = textInput(expected);
    const rows = hiddenRows(encoder, inputs, text);
    const states = storedValue(expected.get('output.last_hidden_state')!);
    const naming = bert.naming(bert.schema.parse(configOf(bertFolder)));
    const { parameters: slopes } = takeWeights(bertFolder, under('gradient.', expected), naming);
    await expectValues(
      [
        { label: 'hidden states', tensor: rows, expected: packValue(states, text.host) },
        ...gradientChecks(rows, inputs, slopes),
      ],
      new Map([...feeds, ...text.feeds, ['slopes', packValue(ramp(states.shape), text.host)]]),
    );
  });
});

describe('ViT', () => {
  test.skipIf(!hasVit)('hidden states and gradients', async () => {
    const expected = await expectedOf(vitFolder);
    const encoder = requireImage(await readPretrained(vitFolder));
    const { inputs, feeds } = parametersOf(encoder.parameters);
    const pixels = storedValue(expected.get('input.pixel_values')!);
    const hidden = encoder.hidden(inputs, { pixels: input('pixels', pixels.shape), standardised: true }, undefined);
    const rows = encoder.finish(inputs, hidden.rows);
    const flat = ({ shape, data }: Value): Value => ({ shape: [shape[0] * shape[1], shape[2]], data });
    const states = storedValue(expected.get('output.last_hidden_state')!);
    const naming = vit.naming(vit.schema.parse(configOf(vitFolder)));
    const { parameters: slopes } = takeWeights(vitFolder, under('gradient.', expected), naming);
    await expectValues(
      [{ label: 'hidden states', tensor: rows, expected: flat(states) }, ...gradientChecks(rows, inputs, slopes)],
      new Map([...feeds, ['pixels', pixels], ['slopes', flat(ramp(states.shape))]]),
    );
  });
});

describe('CLIP', () => {
  test.skipIf(!hasClip)('vectors of both sides and their logits', async () => {
    const expected = await expectedOf(clipFolder);
    const model = await readPretrained(clipFolder);
    const [textEncoder, imageEncoder] = [requireText(model), requireImage(model)];
    const [textHead, imageHead] = [headOf(textEncoder, {}), headOf(imageEncoder, {})];
    const image = parametersOf(imageHead.parameters, 'image');
    const words = parametersOf(textHead.parameters, 'words');
    const text = textInput(expected);
    const pixels = storedValue(expected.get('input.pixel_values')!);
    const imageHidden = imageEncoder.hidden(
      image.inputs.encoder as Tree<Tensor>,
      { pixels: input('pixels', pixels.shape), standardised: true },
      undefined,
    );
    const textHidden = textEncoder.hidden(words.inputs.encoder as Tree<Tensor>, text.input, undefined);
    const v = l2Normalize(imageHead.apply(image.inputs as never, imageHidden).pooled);
    const u = l2Normalize(textHead.apply(words.inputs as never, textHidden).pooled);
    const golden = (name: string) => storedValue(expected.get(`output.${name}`)!);
    /** Columns, or rows, in the order of the packed texts. */
    const reordered = ({ shape, data }: Value, columns: boolean): Value => {
      const [, width] = shape;
      const at = (row: number, column: number) =>
        columns ? row * width + text.order[column] : text.order[row] * width + column;
      return { shape, data: data.map((_, i) => data[at(Math.floor(i / width), i % width)]) };
    };
    const logits = multiply(matmul(v, u, { transposeB: true }), 1 / model.description.temperature!);
    await expectValues(
      [
        { label: 'image vectors', tensor: v, expected: golden('image_embeds') },
        { label: 'text vectors', tensor: u, expected: reordered(golden('text_embeds'), false) },
        { label: 'logits', tensor: logits, expected: reordered(golden('logits_per_image'), true), tolerance: 2e-5 },
      ],
      new Map([...image.feeds, ...words.feeds, ...text.feeds, ['pixels', pixels]]),
    );
  });
});
