/** @file Symbolic tensors: outputs of frozen, hash-consed nodes. Building the same expression twice gives the same object. */
import type { Attributes, DType, OpName } from './attributes.ts';
import type { Shape } from './dims.ts';

/** Shape and element type. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One output of a node. */
export interface Tensor extends Spec {
  readonly node: Node;
  readonly index: number;
}

/** An operator applied to tensors. Immutable; equal nodes are one object. */
export interface Node<K extends OpName = OpName> {
  readonly id: number;
  readonly op: K;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes[K];
  readonly outputs: readonly Tensor[];
}

const table = new Map<string, WeakRef<Node>>();
const registry = new FinalizationRegistry<string>((key) => {
  if (table.get(key)?.deref() === undefined) table.delete(key);
});
let lastId = 0;

/** The node for (operator, inputs, attributes): the one that exists, or a new one with the given outputs. */
export function internNode<K extends OpName>(
  op: K,
  inputs: readonly Tensor[],
  attributes: Attributes[K],
  outputs: readonly Spec[],
): Node<K> {
  const key = nodeKey(op, inputs, attributes);
  const known = table.get(key)?.deref();
  if (known) return known as Node<K>;
  const tensors: Tensor[] = [];
  const node: Node<K> = { id: ++lastId, op, inputs: Object.freeze([...inputs]), attributes, outputs: tensors };
  Object.freeze(attributes);
  outputs.forEach((spec, index) => {
    tensors.push(Object.freeze({ node, index, shape: Object.freeze([...spec.shape]), dtype: spec.dtype }));
  });
  Object.freeze(tensors);
  Object.freeze(node);
  table.set(key, new WeakRef(node));
  registry.register(node, key);
  return node;
}

function nodeKey<K extends OpName>(op: K, inputs: readonly Tensor[], attributes: Attributes[K]): string {
  const operands = inputs.map((tensor) => `${tensor.node.id}.${tensor.index}`).join(',');
  return `${op}(${operands})${JSON.stringify(attributes, constantAsText)}`;
}

/** Small constants are equal by content; a large one is only equal to itself. */
function constantAsText(key: string, value: unknown): unknown {
  if (key !== 'data' || !ArrayBuffer.isView(value)) return value;
  const data = value as Float32Array;
  return data.length <= 64 ? Array.from(data, (x) => (Object.is(x, -0) ? '-0' : `${x}`)) : `large ${identityOf(data)}`;
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

function identityOf(object: object): number {
  let identity = identities.get(object);
  if (identity === undefined) {
    identity = ++lastIdentity;
    identities.set(object, identity);
  }
  return identity;
}

/** The constant behind a tensor, if it is one. */
export function constantOf(tensor: Tensor): Attributes['constant'] | undefined {
  return tensor.node.op === 'constant' ? (tensor.node.attributes as Attributes['constant']) : undefined;
}

/** The number behind a constant scalar (or a constant of equal elements of any shape), if it is one. */
export function scalarOf(tensor: Tensor): number | undefined {
  if (tensor.node.op === 'expand') return scalarOf(tensor.node.inputs[0]);
  const constant = constantOf(tensor);
  return constant?.data.length === 1 ? constant.data[0] : undefined;
}

/** All nodes that the given tensors depend on, operands before their users. */
export function orderNodes(tensors: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // An explicit stack: unrolled recurrences are deeper than the call stack.
  const stack: { node: Node; next: number }[] = [];
  const visit = (node: Node) => {
    if (!seen.has(node)) {
      seen.add(node);
      stack.push({ node, next: 0 });
    }
  };
  for (const tensor of tensors) {
    visit(tensor.node);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next < top.node.inputs.length) visit(top.node.inputs[top.next++].node);
      else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}
