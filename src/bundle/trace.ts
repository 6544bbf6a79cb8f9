/** @file A trained tower, or those of an ensemble, as one ONNX model: parameters become constants, inputs are plain padded arrays. */
import { foldConstants } from '../graph/fold.ts';
import { lower } from '../graph/lower/lower.ts';
import { encodeModel, type OnnxAttribute, type OnnxGraph } from '../graph/onnx/model.ts';
import { constant, input } from '../graph/ops/leaves.ts';
import type { NamedTensors } from '../graph/runtime/protocol.ts';
import type { Spec, Tensor } from '../graph/tensor.ts';
import { leavesOf, mapTree, type Tree } from '../graph/tree.ts';
import { ensembleEmbedding } from '../methods/ensemble.ts';
import type { Model } from '../training/program/encode.ts';

/** Name of the output of both models: unit vectors [count, dimension]. */
export const EMBEDDING = 'embedding';

export type SideName = 'image' | 'text';

/** A model with its trained values. */
export interface ModelWithState extends Model {
  /** Tensors of a checkpoint, by path. */
  readonly state: NamedTensors;
  /** Which entry of the state holds the parameters: `params`, or `average` where the weights were averaged. */
  readonly weights: 'params' | 'average';
}

/**
 * The ONNX model of one side, of standard operators alone:
 *
 *     embed(pooled), most often pooled / ||pooled||,   pooled = tower(inputs; trained parameters)
 *
 * Of several models the towers read the same inputs, and their vectors follow one another: `ensembleEmbedding`.
 *
 * @param members whose towers of this side have equal inputs
 */
export function traceTower(side: SideName, members: readonly ModelWithState[]): Uint8Array {
  const { exported } = members[0].encoder[side];
  const inputs = mapTree(exported.inputs, ({ shape, dtype }: Spec, path) =>
    input(path, shape, dtype),
  ) as unknown as Tree<Tensor>;
  const vectors = ensembleEmbedding(members.map((member) => vectorsOf(side, member, inputs)));
  const ports = leavesOf<Tensor>(inputs).map(([, tensor]) => tensor);
  return encodeModel(withoutSpares(lower(new Map([[EMBEDDING, vectors]]), ports, { portable: true }).graph));
}

/** Unit vectors of one model. Whatever depends on parameters alone, such as the weights of GPO or the vectors of concepts, is computed here. */
function vectorsOf(
  side: SideName,
  { encoder, embedding, state, weights }: ModelWithState,
  inputs: Tree<Tensor>,
): Tensor {
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
  const { reads } = embedding;
  const parameters = given({ ...reads.parameters, [side]: tower.parameters }, weights) as Record<string, Tree<Tensor>>;
  const { pooled } = tower.exported.encode(
    parameters[side],
    given(tower.buffers, `buffers.${side}`),
    inputs,
    given(tower.exported.frozen ?? {}, `frozen.${side}`),
  );
  const vectors = embedding.embed(side, { parameters, memory: given(reads.memory, 'memory') }, pooled);
  return foldConstants([vectors], values)[0];
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
