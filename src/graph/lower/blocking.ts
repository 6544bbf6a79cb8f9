/**
 * @file Cache blocking of large elementwise chains. An optimiser's update reads four tensors of millions of numbers and makes a
 * dozen passes over them; done whole, each pass goes to memory. Here the chain becomes the body of a Scan over blocks that fit
 * the cache. Scan reads its inputs and writes its outputs in place, so blocking copies nothing.
 */
import type { OpName } from '../attributes.ts';
import { elementCount, sameShape } from '../dims.ts';
import { type Node, orderNodes, type Tensor } from '../tensor.ts';

/** Tensors below this many elements are left alone: they fit the cache as they are. */
const smallest = 1 << 18;
/** Elements of a block: a handful of float32 arrays of this size fit a core's second-level cache. */
const blockRange = { least: 1 << 12, best: 1 << 15, most: 1 << 17 };

const elementwise: ReadonlySet<OpName> = new Set<OpName>([
  'negate',
  'absolute',
  'sign',
  'exp',
  'log',
  'sqrt',
  'tanh',
  'sigmoid',
  'add',
  'subtract',
  'multiply',
  'divide',
  'maximum',
  'minimum',
]);

/** A chain to be blocked. */
export interface Block {
  /** Nodes of the chain, operands first. */
  readonly nodes: readonly Node[];
  /** Whole tensors that the chain reads, one block at a time. */
  readonly inputs: readonly Tensor[];
  /** Results of the chain that are outputs of the graph. */
  readonly outputs: readonly Tensor[];
  /** [blocks, elements of a block]. */
  readonly shape: readonly [number, number];
}

/**
 * Finds the chains that end in the given outputs.
 *
 * @param outputs outputs of the graph that may be written in blocks
 */
export function findBlocks(outputs: readonly Tensor[]): Block[] {
  const chains = outputs.filter(large).map((output) => ({ outputs: new Set([output]), nodes: chainBefore(output) }));
  const merged: typeof chains = [];
  for (const chain of chains) {
    if (chain.nodes.size === 0) continue;
    const touching = merged.filter((other) => [...chain.nodes].some((node) => other.nodes.has(node)));
    for (const other of touching) {
      merged.splice(merged.indexOf(other), 1);
      for (const node of other.nodes) chain.nodes.add(node);
      for (const output of other.outputs) chain.outputs.add(output);
    }
    merged.push(chain);
  }
  return merged.flatMap((chain) => {
    const block = blockOf(chain.nodes, [...chain.outputs], outputs);
    return block ? [block] : [];
  });
}

function large(tensor: Tensor): boolean {
  const count = elementCount(tensor.shape);
  return typeof count === 'number' && count >= smallest && tensor.dtype === 'float32';
}

/** The elementwise nodes of one shape that lead to an output. */
function chainBefore(output: Tensor): Set<Node> {
  const nodes = new Set<Node>();
  const visit = (tensor: Tensor) => {
    const { node } = tensor;
    if (nodes.has(node) || !elementwise.has(node.op) || !sameShape(tensor.shape, output.shape)) return;
    nodes.add(node);
    for (const operand of node.inputs) visit(operand);
  };
  visit(output);
  return nodes;
}

function blockOf(chain: Set<Node>, ends: readonly Tensor[], outputs: readonly Tensor[]): Block | undefined {
  const [{ shape }] = ends;
  const size = blockSize(elementCount(shape) as number);
  if (size === undefined) return undefined;
  const whole = (tensor: Tensor) => sameShape(tensor.shape, shape);

  // What the chain reads from outside must not depend on the chain: nodes that lead to it stay outside too.
  const outside = [...chain].flatMap((node) => node.inputs.filter((operand) => !chain.has(operand.node)));
  for (const node of orderNodes(outside)) chain.delete(node);
  const inner = [...chain];
  // Every other operand is a scalar, the same for all blocks.
  const reads = unique(inner.flatMap((node) => node.inputs.filter((operand) => !chain.has(operand.node))));
  if (reads.some((operand) => !whole(operand) && operand.shape.some((dim) => dim !== 1))) return undefined;
  const results = outputs.filter((output) => chain.has(output.node));
  if (results.length === 0) return undefined;
  return {
    nodes: orderNodes(results).filter((node) => chain.has(node)),
    inputs: reads.filter(whole),
    outputs: results,
    shape: [(elementCount(shape) as number) / size, size],
  };
}

/** The divisor nearest to the best size, if there is one in range. */
function blockSize(count: number): number | undefined {
  let best: number | undefined;
  for (let size = blockRange.least; size <= blockRange.most; size++) {
    if (
      count % size === 0 &&
      (best === undefined || Math.abs(Math.log(size / blockRange.best)) < Math.abs(Math.log(best / blockRange.best)))
    )
      best = size;
  }
  return best;
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
