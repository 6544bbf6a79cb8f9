/** @file Reverse-mode differentiation: one walk from a loss back to the leaves of a tree. */
import { DiptychError } from '../errors/error.ts';
import type { OpName } from './attributes.ts';
import { shapeText } from './dims.ts';
import { gradientRules } from './gradients.ts';
import { add } from './ops/elementwise.ts';
import { scalar } from './ops/leaves.ts';
import { expand } from './ops/shape.ts';
import { type Node, orderNodes, type Tensor } from './tensor.ts';
import { leavesOf, type MapTree, mapTree, type Tree } from './tree.ts';

/**
 * d loss / d leaf for each float32 leaf of a tree. Leaves that the loss does not depend on get zeros.
 *
 * @param loss float32 scalar
 * @param tree tensors that the loss was computed from
 * @returns a tree of the same form
 * @throws DIPTYCH_GRAPH_SHAPE if the loss is not a scalar
 */
export function gradient<T extends Tree<Tensor>>(loss: Tensor, tree: T): MapTree<T, Tensor, Tensor> {
  const leaves = leavesOf<Tensor>(tree).map(([, leaf]) => leaf);
  const found = cotangents(loss, leaves);
  return mapTree(tree, (leaf: Tensor) => found.get(leaf) ?? expand(scalar(0), leaf.shape));
}

/** Cotangents of the given tensors where the loss depends on them. */
function cotangents(loss: Tensor, wanted: readonly Tensor[]): ReadonlyMap<Tensor, Tensor> {
  if (loss.shape.length !== 0) {
    throw new DiptychError('DIPTYCH_GRAPH_SHAPE', {
      path: 'gradient',
      problem: `the loss must be a scalar, got ${shapeText(loss.shape)}`,
    });
  }
  const order = orderNodes([loss]);
  const targets = new Set(wanted);
  const reached = leadingTo(order, wanted);
  const found = new Map<Tensor, Tensor>([[loss, scalar(1)]]);
  for (const node of order.reverse()) {
    const rule = gradientRules[node.op];
    if (typeof rule === 'string' || !reached.has(node)) continue;
    const flowing = node.outputs.map((output) => found.get(output));
    if (flowing.every((cotangent) => cotangent === undefined)) continue;
    const results = (rule as (node: Node<OpName>, d: readonly (Tensor | undefined)[]) => (Tensor | undefined)[])(
      node,
      flowing,
    );
    node.inputs.forEach((operand, i) => {
      const cotangent = results[i];
      if (!cotangent || !(reached.has(operand.node) || targets.has(operand))) return;
      const before = found.get(operand);
      found.set(operand, before ? add(before, cotangent) : cotangent);
    });
  }
  return found;
}

/** The nodes on a path from a wanted tensor to the loss: no other cotangent is worth computing. */
function leadingTo(order: readonly Node[], wanted: readonly Tensor[]): Set<Node> {
  const reached = new Set<Node>(wanted.map((tensor) => tensor.node));
  for (const node of order) {
    if (typeof gradientRules[node.op] !== 'string' && node.inputs.some((operand) => reached.has(operand.node)))
      reached.add(node);
  }
  return reached;
}
