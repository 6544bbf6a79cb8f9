/** @file From symbolic tensors to one ONNX graph. */
import type { Attributes } from '../attributes.ts';
import type { Shape } from '../dims.ts';
import type { OnnxGraph, OnnxNode } from '../onnx/model.ts';
import { type Node, orderNodes, type Tensor } from '../tensor.ts';
import { type Block, findBlocks } from './blocking.ts';
import { Emitter, elementTypeOf, type Target } from './emitter.ts';
import { lowerings } from './table.ts';

/** A lowered graph, and the outputs that it writes in another shape of the same elements. */
export interface Lowered {
  readonly graph: OnnxGraph;
  /** By output name: the shape in which the graph writes it. */
  readonly written: ReadonlyMap<string, Shape>;
}

/**
 * Lowers tensors to an ONNX graph whose inputs are the named inputs they depend on.
 *
 * @param outputs tensors by the name they shall have
 * @param inputs input tensors in the order they shall have; those that nothing depends on are left out
 * @param blocked names of outputs that may be computed and written in blocks, in the shape [blocks, elements]
 */
export function lower(
  outputs: ReadonlyMap<string, Tensor>,
  inputs: readonly Tensor[],
  target: Target,
  blocked: ReadonlySet<string> = new Set(),
): Lowered {
  const used = new Set(orderNodes([...outputs.values()]));
  const emitter = new Emitter(target, new Set([...outputs.values(), ...[...used].flatMap((node) => node.inputs)]));
  const blocks = findBlocks([...outputs].flatMap(([name, tensor]) => (blocked.has(name) ? [tensor] : [])));
  // Sizes first: a shape may name one that is carried by an input which is read later.
  for (const { op, attributes } of used) {
    if (op === 'input')
      emitter.bindSizes((attributes as Attributes['input']).name, (attributes as Attributes['input']).shape);
  }
  const units = schedule([...outputs.values()], blocks);
  const blockNames = new Map<Tensor, { name: string; shape: Shape }>();
  for (const unit of units) {
    if ('node' in unit) lowerNode(emitter, unit.node);
    else lowerBlock(emitter, unit.block, blockNames);
  }
  const written = new Map<string, Shape>();
  const named: [name: string, value: string][] = [];
  for (const [name, tensor] of outputs) {
    const block = blocked.has(name) ? blockNames.get(tensor) : undefined;
    if (block) written.set(name, block.shape);
    named.push([name, block?.name ?? emitter.nameOf(tensor)]);
  }
  const value = (name: string, tensor: Tensor, shape: Shape = tensor.shape) => ({
    name,
    type: elementTypeOf(tensor.dtype),
    dims: shape,
  });
  return {
    graph: {
      name: 'diptych',
      nodes: nameOutputs(emitter.nodes, named),
      initializers: emitter.initializers,
      values: emitter.values,
      inputs: inputs
        .filter((tensor) => used.has(tensor.node))
        .map((tensor) => value((tensor.node.attributes as Attributes['input']).name, tensor)),
      outputs: [...outputs].map(([name, tensor]) => value(name, tensor, written.get(name))),
    },
    written,
  };
}

/**
 * Gives values the names of the outputs they are, so that they are written in place. A value that no node makes (an input, a
 * constant), or that is several outputs, is copied by an Identity.
 */
function nameOutputs(
  nodes: readonly OnnxNode[],
  outputs: readonly (readonly [name: string, value: string])[],
): OnnxNode[] {
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const names = new Map<string, string>();
  const copies: OnnxNode[] = [];
  for (const [name, value] of outputs) {
    if (made.has(value) && !names.has(value)) names.set(value, name);
    else copies.push({ op: 'Identity', inputs: [value], outputs: [name] });
  }
  return [...nodes, ...copies].map((node) => renamed(node, names));
}

/** A node with values under other names, inside its subgraph too. */
function renamed(node: OnnxNode, names: ReadonlyMap<string, string>): OnnxNode {
  const rename = (value: string) => names.get(value) ?? value;
  const body = node.attributes?.body as OnnxGraph | undefined;
  const inner = body && { ...body, nodes: body.nodes.map((each) => renamed(each, names)) };
  return {
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    ...(inner && { attributes: { ...node.attributes, body: inner } }),
  };
}

function lowerNode(emitter: Emitter, node: Node): void {
  const rule = lowerings[node.op] as (e: Emitter, n: Node, i: string[]) => string[];
  const names = rule(
    emitter,
    node,
    node.inputs.map((operand) => emitter.nameOf(operand)),
  );
  node.outputs.forEach((output, i) => {
    emitter.setName(output, names[i]);
  });
}

/** A Scan over the blocks of the chain's tensors. Scalars are read from the graph around it. */
function lowerBlock(emitter: Emitter, block: Block, blockNames: Map<Tensor, { name: string; shape: Shape }>): void {
  const [, size] = block.shape;
  const blockShape = emitter.ints(block.shape);
  const whole = block.inputs.map((tensor) => emitter.one('Reshape', [emitter.nameOf(tensor), blockShape]));
  const around = new Map(block.inputs.map((tensor) => [tensor, emitter.nameOf(tensor)]));
  const items = block.inputs.map((tensor) => {
    const name = emitter.fresh('block');
    emitter.setName(tensor, name);
    return name;
  });
  const nodes = emitter.within(() => {
    for (const node of block.nodes) lowerNode(emitter, node);
  });
  const results = block.outputs.map((tensor) => emitter.nameOf(tensor));
  const value = (name: string) => ({ name, type: 'float32' as const, dims: [size] });
  const body = { name: 'block', nodes, initializers: [], inputs: items.map(value), outputs: results.map(value) };
  const scanned = emitter.many('Scan', whole, { body, num_scan_inputs: whole.length }, results.length);
  for (const [tensor, name] of around) emitter.setName(tensor, name);
  block.outputs.forEach((tensor, i) => {
    blockNames.set(tensor, { name: scanned[i], shape: block.shape });
    emitter.setName(tensor, emitter.one('Reshape', [scanned[i], emitter.shape(tensor.shape)]));
  });
}

type Unit = { readonly node: Node } | { readonly block: Block };

/** Nodes and blocks in an order in which each comes after what it reads. */
function schedule(outputs: readonly Tensor[], blocks: readonly Block[]): Unit[] {
  const unitOf = new Map<Node, Unit>();
  for (const block of blocks) {
    const unit = { block };
    for (const node of block.nodes) unitOf.set(node, unit);
  }
  const unit = (node: Node): Unit => {
    const known = unitOf.get(node) ?? { node };
    unitOf.set(node, known);
    return known;
  };
  const readsOf = (one: Unit): Node[] =>
    'node' in one
      ? one.node.inputs.map((operand) => operand.node)
      : one.block.nodes
          .flatMap((node) => node.inputs.map((operand) => operand.node))
          .filter((node) => unit(node) !== one);

  const order: Unit[] = [];
  const seen = new Set<Unit>();
  const stack: { unit: Unit; reads: Node[] }[] = [];
  const visit = (one: Unit) => {
    if (seen.has(one)) return;
    seen.add(one);
    stack.push({ unit: one, reads: readsOf(one).reverse() });
  };
  for (const output of outputs) {
    visit(unit(output.node));
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const next = top.reads.pop();
      if (next) visit(unit(next));
      else {
        order.push(top.unit);
        stack.pop();
      }
    }
  }
  return order;
}
