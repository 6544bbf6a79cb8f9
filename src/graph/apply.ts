/** @file Applying an operator: shape rule, simplification, hash-consing; errors say which parameter or batch entry is meant. */
import { DiptychError } from '../errors/error.ts';
import type { Attributes, OpName } from './attributes.ts';
import { ShapeProblem, shapeRules } from './shapes.ts';
import { simplify } from './simplify.ts';
import { internNode, type Tensor } from './tensor.ts';

/**
 * Applies an operator.
 *
 * @returns its outputs
 * @throws DIPTYCH_GRAPH_SHAPE with the path of the nearest input, if the operands do not fit
 */
export function apply<K extends OpName>(
  op: K,
  inputs: readonly Tensor[],
  attributes: Attributes[K],
): readonly Tensor[] {
  const specs = (() => {
    try {
      return shapeRules[op](inputs, attributes);
    } catch (cause) {
      if (!(cause instanceof ShapeProblem)) throw cause;
      throw new DiptychError('DIPTYCH_GRAPH_SHAPE', { path: pathOf(inputs), problem: cause.message }, { cause });
    }
  })();
  const simpler = simplify(op, inputs, attributes, specs);
  return simpler ? [simpler] : internNode(op, inputs, attributes, specs).outputs;
}

/** The first output of an operator applied to tensors. */
export function applyOne<K extends OpName>(op: K, inputs: readonly Tensor[], attributes: Attributes[K]): Tensor {
  return apply(op, inputs, attributes)[0];
}

/** The name of the operand that is an input (parameters come last, so the last), or of the input it was made from. */
function pathOf(tensors: readonly Tensor[]): string {
  for (const tensor of [...tensors].reverse()) {
    const { op, attributes } = tensor.node;
    if (op === 'input') return (attributes as Attributes['input']).name;
  }
  let nearest: Tensor | undefined = tensors.at(-1);
  while (nearest && nearest.node.op !== 'input') nearest = nearest.node.inputs.at(-1);
  return nearest ? `near ${(nearest.node.attributes as Attributes['input']).name}` : 'a constant';
}
