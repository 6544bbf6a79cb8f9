/** @file A trained tower as one ONNX model: parameters become constants, inputs are plain padded arrays. */
import { foldConstants } from '../graph/fold.ts';
import { lower } from '../graph/lower/lower.ts';
import { encodeModel, type OnnxAttribute, type OnnxGraph } from '../graph/onnx/model.ts';
import { constant, input } from '../graph/ops/leaves.ts';
import type { NamedTensors } from '../graph/runtime/protocol.ts';
import type { Spec, Tensor } from '../graph/tensor.ts';
import { leavesOf, mapTree, type Tree } from '../graph/tree.ts';
import type { Model } from '../training/program/encode.ts';

/** Name of the output of both models: unit vectors [count, dimension]. */
export const EMBEDDING = 'embedding';

export type SideName = 'image' | 'text';

/**
 * The ONNX model of one side, of standard operators alone:
 *
 *     embed(pooled), most often pooled / ||pooled||,   pooled = tower(inputs; trained parameters)
 *
 * Whatever depends on parameters alone, such as the weights of GPO or the vectors of concepts, is computed here.
 *
 * @param state tensors of a checkpoint, by path
 * @param weights which entry of the state holds the parameters: `params`, or `average` where the weights were averaged
 */
export function traceTower(
  side: SideName,
  { encoder, embedding }: Model,
  state: NamedTensors,
  weights: 'params' | 'average',
): Uint8Array {
  const { [side]: tower } = encoder;
  const values = new Map<string, Tensor>();
  const given = (tree: Tree<Spec>, entry: string): Tree<Tensor> =>
    mapTree(tree, (_: Spec, path) => {
      const name = `${entry}.${path}`;
      const { data, shape, dtype } = state.get(name)!;
      const parameter = input(name, shape, dtype);
      values.set(name, constant(data, shape, dtype));
      return parameter;
    }) as unknown as Tree<Tensor>;
  const inputs = mapTree(tower.exported.inputs, ({ shape, dtype }: Spec, path) => input(path, shape, dtype));
  const { reads } = embedding;
  const parameters = given({ ...reads.parameters, [side]: tower.parameters }, weights) as Record<string, Tree<Tensor>>;
  const { pooled } = tower.exported.encode(
    parameters[side],
    given(tower.buffers, `buffers.${side}`),
    inputs as unknown as Tree<Tensor>,
    given(tower.exported.frozen ?? {}, `frozen.${side}`),
  );
  const vectors = embedding.embed(side, { parameters, memory: given(reads.memory, 'memory') }, pooled);
  const [folded] = foldConstants([vectors], values);
  const ports = leavesOf<Tensor>(inputs as unknown as Tree<Tensor>).map(([, tensor]) => tensor);
  return encodeModel(withoutSpares(lower(new Map([[EMBEDDING, folded]]), ports, { portable: true }).graph));
}

/** The graph without constants that no node reads: runtimes warn of them. */
function withoutSpares(graph: OnnxGraph): OnnxGraph {
  const read = new Set<string>();
  const visit = ({ nodes, outputs }: OnnxGraph): void => {
    for (const { name } of outputs) read.add(name);
    for (const { inputs, attributes = {} } of nodes) {
      for (const name of inputs) read.add(name);
      for (const value of Object.values(attributes)) if (isGraph(value)) visit(value);
    }
  };
  visit(graph);
  return { ...graph, initializers: graph.initializers.filter(({ name }) => read.has(name)) };
}

function isGraph(value: OnnxAttribute): value is OnnxGraph {
  return typeof value === 'object' && 'nodes' in value;
}
