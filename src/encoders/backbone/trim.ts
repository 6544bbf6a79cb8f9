/**
 * @file The part of an ONNX model that one tensor needs: heads that nobody asks for are not computed, tensors within the model
 * can be taken, and features leave in the type they are stored in.
 */
import { elementTypes } from '../../graph/onnx/model.ts';
import { Message } from '../../graph/onnx/protobuf.ts';
import { type Field, fieldsOf, textOf, textsOf } from './wire.ts';

/** Field numbers of onnx.proto3. */
const MODEL = { graph: 7 } as const;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;
const NODE = { input: 1, output: 2, op: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, integer: 3, graph: 6, graphs: 11, type: 20 } as const;
const VALUE = { name: 1, type: 2 } as const;
const TENSOR = { name: 8 } as const;
/** AttributeProto.INT. */
const INTEGER = 2;

/** Name of the output of a trimmed model. */
export const TRIMMED_OUTPUT = 'diptych.features';
/** Name of what is widened to be that. */
const ROUNDED = 'diptych.rounded';

/** Names of the outputs that a model declares. @throws RangeError if the bytes are no model */
export function outputNames(model: Uint8Array): string[] {
  return graphFields(model).flatMap(({ number, value }) =>
    number === GRAPH.output ? [textOf(value, VALUE.name)] : [],
  );
}

/**
 * Cuts a model down to one tensor.
 *
 * @param tensor an output, or any tensor that a node of the graph makes
 * @param dtype what it is cast to; its name is then `TRIMMED_OUTPUT`
 * @param widened whether it is cast back to float32 after that: rounded, but no longer half as long
 * @returns the smaller model; undefined if there is no such tensor
 * @throws RangeError if the bytes are no model
 */
export function trimModel(
  model: Uint8Array,
  tensor: string,
  dtype: 'float16' | 'float32',
  widened = false,
): Uint8Array | undefined {
  const fields = graphFields(model);
  const nodes = fields.filter(({ number }) => number === GRAPH.node);
  const maker = new Map(nodes.flatMap((node) => textsOf(node.value, NODE.output).map((name) => [name, node] as const)));
  if (!maker.has(tensor)) return undefined;

  const needed = new Set([tensor]);
  const kept = new Set<Field>();
  // A set takes what is added while it is walked.
  for (const name of needed) {
    const node = maker.get(name);
    if (node === undefined || kept.has(node)) continue;
    kept.add(node);
    for (const input of namesReadBy(node.value)) needed.add(input);
  }

  const isKept = (field: Field): boolean => {
    if (field.number === GRAPH.node) return kept.has(field);
    if (field.number === GRAPH.initializer) return needed.has(textOf(field.value, TENSOR.name));
    if (field.number === GRAPH.input) return needed.has(textOf(field.value, VALUE.name));
    return field.number !== GRAPH.output && field.number !== GRAPH.valueInfo;
  };
  const end = new Message();
  if (widened) {
    end.message(GRAPH.node, castNode(tensor, ROUNDED, dtype));
    end.message(GRAPH.node, castNode(ROUNDED, TRIMMED_OUTPUT, 'float32'));
  } else end.message(GRAPH.node, castNode(tensor, TRIMMED_OUTPUT, dtype));
  end.message(GRAPH.output, outputValue(widened ? 'float32' : dtype));
  const graph = Buffer.concat([...fields.filter(isKept).map(({ raw }) => raw), end.finish()]);
  const rest = fieldsOf(model).filter(({ number }) => number !== MODEL.graph);
  return Buffer.concat([...rest.map(({ raw }) => raw), new Message().bytes(MODEL.graph, graph).finish()]);
}

function graphFields(model: Uint8Array): Field[] {
  const graph = fieldsOf(model).flatMap(({ number, value }) => (number === MODEL.graph ? fieldsOf(value) : []));
  if (graph.length === 0) throw new RangeError('it holds no graph');
  return graph;
}

/** Tensors that a node reads, those that graphs within it (of a condition, of a loop) take from outside included. */
function namesReadBy(node: Uint8Array): string[] {
  const attributes = fieldsOf(node).filter(({ number }) => number === NODE.attribute);
  const graphs = attributes
    .flatMap(({ value }) => fieldsOf(value))
    .filter(({ number }) => number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs);
  const within = graphs.flatMap(({ value }) =>
    fieldsOf(value).flatMap((field) => {
      if (field.number === GRAPH.node) return namesReadBy(field.value);
      return field.number === GRAPH.output ? [textOf(field.value, VALUE.name)] : [];
    }),
  );
  return [...textsOf(node, NODE.input), ...within];
}

function castNode(tensor: string, result: string, dtype: 'float16' | 'float32'): Message {
  const to = new Message()
    .text(ATTRIBUTE.name, 'to')
    .integer(ATTRIBUTE.integer, elementTypes[dtype])
    .integer(ATTRIBUTE.type, INTEGER);
  return new Message()
    .text(NODE.input, tensor)
    .text(NODE.output, result)
    .text(NODE.op, 'Cast')
    .message(NODE.attribute, to);
}

/** Of any shape; the run will tell. */
function outputValue(dtype: 'float16' | 'float32'): Message {
  const tensorType = new Message().integer(1, elementTypes[dtype]);
  return new Message().text(VALUE.name, TRIMMED_OUTPUT).message(VALUE.type, new Message().message(1, tensorType));
}
