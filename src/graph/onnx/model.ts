/** @file ONNX models as plain data, and their protobuf form (field numbers of onnx.proto3, IR version 10). */
import { Message } from './protobuf.ts';

/** Element types with their numbers in TensorProto.DataType. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  uint32: 12,
} as const;
export type ElementType = keyof typeof elementTypes;

export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | OnnxTensor | OnnxGraph;

export interface OnnxNode {
  readonly op: string;
  /** Names; an empty one is an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  /** '' is the standard domain. */
  readonly domain?: string;
}

/** A constant; `data` is little-endian raw bytes. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  /** A string is a symbolic dimension; null leaves it open. */
  readonly dims: readonly (number | string | null)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly OnnxTensor[];
  /** Values between, whose shapes follow from no operator's inputs; none unless given. */
  readonly values?: readonly OnnxValue[];
}

/** The operator sets that the lowerings are written for. */
export const operatorSets: Readonly<Record<string, number>> = { '': 20, 'com.microsoft': 1 };

/**
 * Encodes a model. It names the operator sets that its nodes are of, and always the standard one.
 *
 * @param metadata free text pairs kept in the file
 */
export function encodeModel(graph: OnnxGraph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const model = new Message().integer(1, 10).text(2, 'diptych').message(7, graphMessage(graph));
  const domains = new Set(['', ...domainsOf(graph)]);
  for (const [domain, version] of Object.entries(operatorSets)) {
    if (domains.has(domain)) model.message(8, new Message().text(1, domain).integer(2, version));
  }
  for (const [key, value] of Object.entries(metadata)) model.message(14, new Message().text(1, key).text(2, value));
  return model.finish();
}

/** Domains of the nodes, those of bodies within them included. */
function domainsOf({ nodes }: OnnxGraph): string[] {
  return nodes.flatMap(({ domain = '', attributes = {} }) => {
    const bodies = Object.values(attributes).filter((value) => typeof value === 'object' && 'nodes' in value);
    return [domain, ...bodies.flatMap((body) => domainsOf(body as OnnxGraph))];
  });
}

function graphMessage(graph: OnnxGraph): Message {
  const message = new Message();
  for (const node of graph.nodes) message.message(1, nodeMessage(node));
  message.text(2, graph.name);
  for (const tensor of graph.initializers) message.message(5, tensorMessage(tensor));
  for (const value of graph.inputs) message.message(11, valueMessage(value));
  for (const value of graph.outputs) message.message(12, valueMessage(value));
  for (const value of graph.values ?? []) message.message(13, valueMessage(value));
  return message;
}

function nodeMessage(node: OnnxNode): Message {
  const message = new Message();
  for (const name of node.inputs) message.text(1, name);
  for (const name of node.outputs) message.text(2, name);
  message.text(3, node.outputs.find((name) => name !== '') ?? node.op).text(4, node.op);
  for (const [name, value] of Object.entries(node.attributes ?? {})) message.message(5, attributeMessage(name, value));
  if (node.domain) message.text(7, node.domain);
  return message;
}

/** AttributeProto: integers are `i`, `{ float }` is `f`, arrays are `ints`. */
function attributeMessage(name: string, value: OnnxAttribute): Message {
  const message = new Message().text(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return message.text(4, value).integer(20, 3);
  if (Array.isArray(value)) {
    for (const item of value) message.integer(8, item);
    return message.integer(20, 7);
  }
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  if ('nodes' in value) return message.message(6, graphMessage(value)).integer(20, 5);
  return message.message(5, tensorMessage(value as OnnxTensor)).integer(20, 4);
}

function tensorMessage(tensor: OnnxTensor): Message {
  return new Message()
    .packedIntegers(1, tensor.dims)
    .integer(2, elementTypes[tensor.type])
    .text(8, tensor.name)
    .bytes(9, tensor.data);
}

function valueMessage(value: OnnxValue): Message {
  const shape = new Message();
  for (const dim of value.dims) {
    const message = new Message();
    if (typeof dim === 'number') message.integer(1, dim);
    else if (typeof dim === 'string') message.text(2, dim);
    shape.message(1, message);
  }
  const tensorType = new Message().integer(1, elementTypes[value.type]).message(2, shape);
  return new Message().text(1, value.name).message(2, new Message().message(1, tensorType));
}
