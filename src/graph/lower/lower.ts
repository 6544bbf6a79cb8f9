/** @file From symbolic tensors to one ONNX graph. */
import type { Attributes } from '../attributes.ts';
import type { OnnxGraph } from '../onnx/model.ts';
import { type Node, orderNodes, type Tensor } from '../tensor.ts';
import { Emitter, elementTypeOf, type Target } from './emitter.ts';
import { lowerings } from './table.ts';

/**
 * Lowers tensors to an ONNX graph whose inputs are the named inputs they depend on.
 *
 * @param outputs tensors by the name they shall have
 * @param inputs input tensors in the order they shall have; those that nothing depends on are left out
 */
export function lower(outputs: ReadonlyMap<string, Tensor>, inputs: readonly Tensor[], target: Target): OnnxGraph {
  const emitter = new Emitter(target);
  const order = orderNodes([...outputs.values()]);
  const used = new Set<Node>(order);
  for (const node of order) {
    const names = (lowerings[node.op] as (e: Emitter, n: Node, i: string[]) => string[])(
      emitter,
      node,
      node.inputs.map((operand) => emitter.nameOf(operand)),
    );
    node.outputs.forEach((output, i) => {
      emitter.setName(output, names[i]);
    });
  }
  const nodes = [...emitter.nodes];
  for (const [name, tensor] of outputs)
    nodes.push({ op: 'Identity', inputs: [emitter.nameOf(tensor)], outputs: [name] });
  return {
    name: 'diptych',
    nodes,
    initializers: emitter.initializers,
    inputs: inputs
      .filter((tensor) => used.has(tensor.node))
      .map((tensor) => ({
        name: (tensor.node.attributes as Attributes['input']).name,
        type: elementTypeOf(tensor.dtype),
        dims: tensor.shape,
      })),
    outputs: [...outputs].map(([name, tensor]) => ({ name, type: elementTypeOf(tensor.dtype), dims: tensor.shape })),
  };
}
