/** @file Evaluating symbolic tensors with the reference evaluation, given values for the inputs. */
import type { Attributes } from '../attributes.ts';
import { orderNodes, type Tensor } from '../tensor.ts';
import type { Value } from '../values.ts';
import { evaluations } from './table.ts';

/**
 * Values of tensors in float64.
 *
 * @param feeds values by input name; symbolic sizes are read off their shapes
 */
export function evaluate(tensors: readonly Tensor[], feeds: ReadonlyMap<string, Value>): Value[] {
  const nodes = orderNodes(tensors);
  const sizes = new Map<string, number>();
  for (const node of nodes) {
    if (node.op !== 'input') continue;
    const { name, shape } = node.attributes as Attributes['input'];
    const value = feeds.get(name);
    if (!value) throw new Error(`no value for the input ${name}`);
    shape.forEach((dim, axis) => {
      if (typeof dim === 'string') sizes.set(dim, value.shape[axis]);
    });
  }
  const values = new Map<Tensor, Value>();
  for (const node of nodes) {
    const results =
      node.op === 'input'
        ? [feeds.get((node.attributes as Attributes['input']).name)!]
        : (evaluations[node.op] as (i: Value[], a: unknown, s: typeof sizes) => Value[])(
            node.inputs.map((input) => values.get(input)!),
            node.attributes,
            sizes,
          );
    node.outputs.forEach((output, i) => {
      values.set(output, results[i]);
    });
  }
  return tensors.map((tensor) => values.get(tensor)!);
}
