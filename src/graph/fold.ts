/** @file Folding whatever depends on constants alone, of any size: for graphs whose parameters have become constants. */
import { apply } from './apply.ts';
import type { Attributes } from './attributes.ts';
import { elementCount } from './dims.ts';
import { evaluate } from './evaluate/evaluate.ts';
import { constant } from './ops/leaves.ts';
import { constantOf, type Node, orderNodes, type Tensor } from './tensor.ts';

/** Results above this many elements are left to be computed: they would only make the file larger. */
const largest = 1 << 20;

/**
 * The same tensors with inputs replaced by constants, and everything folded that then depends on constants alone.
 *
 * @param values constants by input name
 */
export function foldConstants(tensors: readonly Tensor[], values: ReadonlyMap<string, Tensor>): Tensor[] {
  const replaced = new Map<Tensor, Tensor>();
  const fixed = new Set<Tensor>();
  for (const node of orderNodes(tensors)) {
    const inputs = node.inputs.map((operand) => replaced.get(operand)!);
    const outputs = rebuilt(node, inputs, values);
    node.outputs.forEach((output, i) => {
      replaced.set(output, outputs[i]);
      const depends =
        node.op === 'input' ? constantOf(outputs[i]) === undefined : !inputs.every((operand) => fixed.has(operand));
      if (!depends) fixed.add(outputs[i]);
    });
  }
  return settled(
    tensors.map((tensor) => replaced.get(tensor)!),
    fixed,
  );
}

/** Evaluates the last fixed tensors on every path, and rebuilds what reads them. */
function settled(tensors: readonly Tensor[], fixed: ReadonlySet<Tensor>): Tensor[] {
  const order = orderNodes(tensors);
  const borders = new Set<Tensor>();
  for (const node of order) {
    const free = node.outputs.every((output) => !fixed.has(output));
    if (free) for (const operand of node.inputs) if (foldable(operand, fixed)) borders.add(operand);
  }
  for (const tensor of tensors) if (foldable(tensor, fixed)) borders.add(tensor);
  const list = [...borders];
  const results = evaluate(list, new Map());
  const replaced = new Map(
    list.map((tensor, i) => [tensor, constant(results[i].data, results[i].shape, tensor.dtype)]),
  );
  for (const node of order) {
    if (node.outputs.every((output) => replaced.has(output))) continue;
    const inputs = node.inputs.map((operand) => replaced.get(operand)!);
    const outputs = inputs.some((operand) => operand === undefined) ? node.outputs : rebuilt(node, inputs, new Map());
    node.outputs.forEach((output, i) => {
      if (!replaced.has(output)) replaced.set(output, outputs[i]);
    });
  }
  return tensors.map((tensor) => replaced.get(tensor)!);
}

function foldable(tensor: Tensor, fixed: ReadonlySet<Tensor>): boolean {
  const count = elementCount(tensor.shape);
  return fixed.has(tensor) && !constantOf(tensor) && typeof count === 'number' && count <= largest;
}

function rebuilt(node: Node, inputs: readonly Tensor[], values: ReadonlyMap<string, Tensor>): readonly Tensor[] {
  if (node.op === 'input') {
    const value = values.get((node.attributes as Attributes['input']).name);
    return value ? [value] : node.outputs;
  }
  if (inputs.every((operand, i) => operand === node.inputs[i])) return node.outputs;
  return apply(node.op, inputs, node.attributes as Attributes['add']);
}
