/** @file Our encoder against another implementation of the format: what is written is what another reader reads. */
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { expect, test } from 'vitest';
import { encodeModel, type OnnxGraph } from './model.ts';

const body: OnnxGraph = {
  name: 'body',
  nodes: [{ op: 'Neg', inputs: ['x'], outputs: ['y'] }],
  inputs: [{ name: 'x', type: 'float32', dims: [3] }],
  outputs: [{ name: 'y', type: 'float32', dims: [3] }],
  initializers: [],
};

const graph: OnnxGraph = {
  name: 'graph',
  nodes: [
    {
      op: 'Example',
      domain: 'com.microsoft',
      inputs: ['a', '', 'c'],
      outputs: ['d'],
      attributes: { axis: -1, epsilon: { float: 1e-5 }, mode: 'reflect', pads: [-1, 300, 0], body },
    },
  ],
  inputs: [{ name: 'a', type: 'float16', dims: ['batch', 7, null] }],
  outputs: [{ name: 'd', type: 'bool', dims: [] }],
  initializers: [{ name: 'c', type: 'int64', dims: [2], data: new Uint8Array(BigInt64Array.of(-5n, 7n).buffer) }],
};

test('another reader reads what we write', () => {
  const model = fromBinary(ModelProtoSchema, encodeModel(graph, { fingerprint: 'abc' }));
  expect(model.irVersion).toBe(10n);
  expect(model.producerName).toBe('diptych');
  expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
    ['', 20n],
    ['com.microsoft', 1n],
  ]);
  const standard = fromBinary(ModelProtoSchema, encodeModel(body));
  expect(standard.opsetImport.map(({ domain }) => domain)).toEqual(['']);
  expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([['fingerprint', 'abc']]);

  const [node] = model.graph!.node;
  expect([node.opType, node.domain, node.input, node.output]).toEqual([
    'Example',
    'com.microsoft',
    ['a', '', 'c'],
    ['d'],
  ]);
  const attributes = new Map(node.attribute.map((attribute) => [attribute.name, attribute]));
  expect(attributes.get('axis')).toMatchObject({ type: 2, i: -1n });
  expect(attributes.get('epsilon')!.f).toBeCloseTo(1e-5, 12);
  expect(new TextDecoder().decode(attributes.get('mode')!.s)).toBe('reflect');
  expect(attributes.get('pads')!.ints).toEqual([-1n, 300n, 0n]);
  expect(attributes.get('body')!.g!.node[0].opType).toBe('Neg');

  const [input] = model.graph!.input;
  const type = input.type!.value.value as {
    elemType: number;
    shape: { dim: { value: { case?: string; value?: unknown } }[] };
  };
  expect(type.elemType).toBe(10);
  expect(type.shape.dim.map(({ value }) => value.value)).toEqual(['batch', 7n, undefined]);
  const [constant] = model.graph!.initializer;
  expect([constant.name, constant.dataType, constant.dims]).toEqual(['c', 7, [2n]]);
  expect(new BigInt64Array(constant.rawData.slice().buffer)).toEqual(BigInt64Array.of(-5n, 7n));
});
