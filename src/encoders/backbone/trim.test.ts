/** @file Trimmed models: what stays, what goes, inner tensors, types, conditions, weights in files beside the model. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { preprocessingSchema } from '../../data/images/preprocessing.ts';
import { bytesOf } from '../../files/bytes.ts';
import { toFloat16 } from '../../files/float16.ts';
import { encodeModel, type OnnxGraph, type OnnxValue } from '../../graph/onnx/model.ts';
import { Message } from '../../graph/onnx/protobuf.ts';
import { hasShared, sharedPath } from '../../testing/shared.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { Backbone } from './backbone.ts';
import { tinyPreprocessing, tinyRegions, writeTinyBackbone } from './testing/tiny.ts';
import { outputNames, TRIMMED_OUTPUT, trimModel } from './trim.ts';
import { fieldsOf, textOf } from './wire.ts';

const pixels = Float32Array.from({ length: 192 }, (_, i) => Math.cos(i));

function tinyPath(): string {
  const path = join(temporaryFolder(), 'tiny.onnx');
  writeTinyBackbone(path);
  return path;
}

/** Operators, constants, inputs and outputs of a model. */
function contentsOf(model: Uint8Array): Record<'operators' | 'constants' | 'inputs' | 'outputs', string[]> {
  const graph = fieldsOf(model).filter(({ number }) => number === 7);
  const all = graph.flatMap(({ value }) => fieldsOf(value));
  const of = (field: number, name: number): string[] =>
    all.filter(({ number }) => number === field).map(({ value }) => textOf(value, name));
  return { operators: of(1, 4), constants: of(5, 8), inputs: of(11, 1), outputs: of(12, 1) };
}

test('only what the tensor needs stays', () => {
  const model = readFileSync(tinyPath());
  expect(outputNames(model)).toEqual(['map', 'regions', 'pooled']);
  expect(contentsOf(trimModel(model, 'map', 'float32') as Uint8Array)).toEqual({
    operators: ['Conv', 'Cast'],
    constants: ['weights'],
    inputs: ['pixels'],
    outputs: [TRIMMED_OUTPUT],
  });
  expect(contentsOf(trimModel(model, 'regions', 'float16') as Uint8Array)).toEqual({
    operators: ['Conv', 'Reshape', 'Transpose', 'Cast'],
    constants: ['weights', 'shape'],
    inputs: ['pixels'],
    outputs: [TRIMMED_OUTPUT],
  });
  expect(trimModel(model, 'weights', 'float32')).toBeUndefined();
  expect(trimModel(model, 'absent', 'float32')).toBeUndefined();
});

test('a tensor within the model can be taken, though it is no output', async () => {
  const preprocessing = { ...tinyPreprocessing(), output: 'flat' };
  const backbone = await Backbone.load({ model: tinyPath(), preprocessing }, 1);
  expect(backbone.shape).toEqual({ output: 'flat', regions: 6, dimension: 4 });
  const found = await backbone.features(pixels);
  const expected = tinyRegions(pixels);
  for (let d = 0; d < 6; d++) for (let r = 0; r < 4; r++) expect(found[d * 4 + r]).toBeCloseTo(expected[r * 6 + d], 4);
});

test.each(['regions', 'map'] as const)('float16 is float32 rounded (%s)', async (output) => {
  const file = { model: tinyPath(), preprocessing: tinyPreprocessing(output) };
  const single = await (await Backbone.load(file, 1, 'float32')).features(pixels);
  const half = await (await Backbone.load(file, 1, 'float16')).features(pixels);
  expect(half).toEqual(toFloat16(single as Float32Array));
});

const value = (name: string, dims: OnnxValue['dims']): OnnxValue => ({ name, type: 'float32', dims });
const preprocessing = preprocessingSchema.parse({
  resize: { width: 2, height: 2 },
  rescale: 1,
  input: 'x',
  output: 'y',
});

test('what a condition takes from outside stays', async () => {
  const branch = (name: string, constant: string): OnnxGraph => ({
    name,
    nodes: [{ op: 'Add', inputs: ['flat', constant], outputs: [name] }],
    inputs: [],
    outputs: [value(name, [1, 12])],
    initializers: [],
  });
  const path = join(temporaryFolder(), 'if.onnx');
  const constant = (name: string, number: number) => {
    return { name, type: 'float32' as const, dims: [1], data: bytesOf(Float32Array.of(number)) };
  };
  const model = encodeModel({
    name: 'if',
    nodes: [
      { op: 'Flatten', inputs: ['x'], outputs: ['flat'] },
      { op: 'ReduceSum', inputs: ['flat'], outputs: ['sum'], attributes: { keepdims: 0 } },
      { op: 'Less', inputs: ['sum', 'ten'], outputs: ['small'] },
      {
        op: 'If',
        inputs: ['small'],
        outputs: ['y'],
        attributes: { then_branch: branch('a', 'one'), else_branch: branch('b', 'two') },
      },
    ],
    inputs: [value('x', [1, 3, 2, 2])],
    outputs: [value('y', [1, 12])],
    initializers: [constant('one', 1), constant('two', 2), constant('unused', 3), { ...constant('ten', 10), dims: [] }],
  });
  writeFileSync(path, model);
  expect(contentsOf(trimModel(model, 'y', 'float32') as Uint8Array).constants.sort()).toEqual(['one', 'ten', 'two']);
  const backbone = await Backbone.load({ model: path, preprocessing }, 1);
  expect((await backbone.features(new Float32Array(12)))[0]).toBe(1);
  expect((await backbone.features(new Float32Array(12).fill(5)))[0]).toBe(7);
});

test('weights in a file beside the model are found', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'weights.bin'), bytesOf(Float32Array.from({ length: 12 }, (_, i) => i)));
  const entry = (key: string, text: string): Message => new Message().text(1, key).text(2, text);
  const tensor = new Message()
    .integer(1, 12)
    .integer(2, 1)
    .text(8, 'weights')
    .message(13, entry('location', 'weights.bin'))
    .integer(14, 1);
  const graph = {
    name: 'external',
    nodes: [
      { op: 'Flatten', inputs: ['x'], outputs: ['flat'] },
      { op: 'Mul', inputs: ['flat', 'weights'], outputs: ['y'] },
    ],
    inputs: [value('x', [1, 3, 2, 2])],
    outputs: [value('y', [1, 12])],
    initializers: [],
  };
  const model = join(folder, 'external.onnx');
  writeFileSync(
    model,
    Buffer.concat([encodeModel(graph), new Message().message(7, new Message().message(5, tensor)).finish()]),
  );
  const backbone = await Backbone.load({ model, preprocessing }, 1);
  expect([...(await backbone.features(new Float32Array(12).fill(2)))]).toEqual([
    0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22,
  ]);
});

test('fuzz: damaged bytes are a RangeError or a model, and never take long', () => {
  const whole = readFileSync(tinyPath());
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(changes, fc.nat(whole.length), (damage, length) => {
      const bytes = Buffer.from(whole.subarray(0, length));
      for (const [place, byte] of damage) if (place < length) bytes[place] = byte;
      try {
        trimModel(bytes, 'regions', 'float16');
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 1000 },
  );
});

const mobilenet = 'models/mobilenet_v2_1.0_224.onnx';
test.skipIf(!hasShared(mobilenet))('the classifier of MobileNetV2 goes with its weights', () => {
  const model = readFileSync(sharedPath(mobilenet));
  expect(outputNames(model)).toEqual(['last_hidden_state', 'pooler_output', 'logits']);
  const trimmed = trimModel(model, 'last_hidden_state', 'float16') as Uint8Array;
  expect(model.length - trimmed.length).toBeGreaterThan(1001 * 1280 * 4);
});
