/** @file Rewrites while the graph is built: constants are folded by the reference evaluation, neutral operations vanish. */
import type { Attributes, OpName } from './attributes.ts';
import { type Dim, elementCount, sameShape } from './dims.ts';
import { evaluations } from './evaluate/table.ts';
import { constantOf, internNode, type Node, type Spec, scalarOf, type Tensor } from './tensor.ts';
import { arrayFor } from './values.ts';

/** Results up to this many elements are folded into constants. */
const foldLimit = 4096;

/** A simpler tensor that equals the operator's single output, if there is one. */
export function simplify<K extends OpName>(
  op: K,
  inputs: readonly Tensor[],
  attributes: Attributes[K],
  outputs: readonly Spec[],
): Tensor | undefined {
  if (outputs.length !== 1) return undefined;
  return neutral(op, inputs, attributes, outputs[0]) ?? fold(op, inputs, attributes, outputs[0]);
}

/** x + 0, x - 0, x * 1, x / 1, reshape and expand to the same shape, nested reshapes and transposes, cast to the same type. */
function neutral<K extends OpName>(
  op: K,
  inputs: readonly Tensor[],
  attributes: Attributes[K],
  output: Spec,
): Tensor | undefined {
  const [a, b] = inputs;
  const keeps = (x: Tensor) => sameShape(x.shape, output.shape);
  switch (op) {
    case 'add':
      return scalarOf(b) === 0 && keeps(a) ? a : scalarOf(a) === 0 && keeps(b) ? b : undefined;
    case 'subtract':
      return scalarOf(b) === 0 && keeps(a) ? a : undefined;
    case 'multiply':
      return scalarOf(b) === 1 && keeps(a) ? a : scalarOf(a) === 1 && keeps(b) ? b : undefined;
    case 'divide':
      return scalarOf(b) === 1 && keeps(a) ? a : undefined;
    case 'cast':
      return a.dtype === output.dtype ? a : undefined;
    case 'expand':
      return keeps(a) ? a : undefined;
    case 'reshape': {
      if (keeps(a)) return a;
      if (a.node.op !== 'reshape') return undefined;
      const origin = a.node.inputs[0];
      return sameShape(origin.shape, output.shape)
        ? origin
        : internNode('reshape', [origin], attributes as Attributes['reshape'], [output]).outputs[0];
    }
    case 'transpose': {
      const { permutation } = attributes as Attributes['transpose'];
      if (permutation.every((axis, i) => axis === i)) return a;
      if (a.node.op !== 'transpose') return undefined;
      const inner = (a.node as Node<'transpose'>).attributes.permutation;
      return permutation.every((axis, i) => inner[axis] === i) ? a.node.inputs[0] : undefined;
    }
    default:
      return undefined;
  }
}

function fold<K extends OpName>(
  op: K,
  inputs: readonly Tensor[],
  attributes: Attributes[K],
  output: Spec,
): Tensor | undefined {
  if (op === 'input' || op === 'constant' || inputs.length === 0 || !inputs.every(constantOf)) return undefined;
  if (!small(elementCount(output.shape)) || !inputs.every((input) => small(elementCount(input.shape))))
    return undefined;
  const values = inputs.map((input) => {
    const { shape, data } = constantOf(input)!;
    return { shape: [...shape], data: Float64Array.from(data) };
  });
  const [value] = evaluations[op](values, attributes, new Map());
  const folded: Attributes['constant'] = {
    shape: value.shape,
    dtype: output.dtype,
    data: arrayFor(output.dtype, value.data),
  };
  return internNode('constant', [], folded, [output]).outputs[0];
}

function small(count: Dim): boolean {
  return typeof count === 'number' && count <= foldLimit;
}
