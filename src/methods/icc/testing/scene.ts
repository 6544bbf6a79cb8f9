/** @file A term of ICC with all its inputs, over the towers of one linear layer. */
import { constant } from '../../../graph/ops/leaves.ts';
import type { Spec, Tensor } from '../../../graph/tensor.ts';
import { normalValue } from '../../../graph/testing/check.ts';
import { mapTree, type Tree } from '../../../graph/tree.ts';
import { countOf, type Value } from '../../../graph/values.ts';
import type { Scene, Term } from '../../objective.ts';
import { dimension, encoder, opened, pairs, sceneOf, twins } from '../../testing/scene.ts';
import { type IccMemory, type IccOptions, type IccParameters, iccObjective, type Parts } from '../objective.ts';

export const options: IccOptions = {
  encoder,
  pairs,
  width: dimension,
  cross: { temperature: 0.07, learnTemperature: true, duplicates: 'mask', views: 'same' },
  image: { weight: 1, temperature: 0.1, head: { hidden: 7, output: 3, norm: 'batch' } },
  text: { weight: 1, temperature: 0.05, head: { hidden: 7, output: 3, norm: 'layer' } },
  thirdView: false,
};

/** Everything that a term depends on, as inputs of a graph, with values. */
export interface Staged {
  readonly towers: Scene['towers'];
  readonly own: IccParameters<Tensor>;
  /** Constant, so that finite differences move parameters alone. */
  readonly memory: IccMemory<Tensor>;
  readonly inputs: Tree<Tensor>;
  readonly feeds: Map<string, Value>;
  readonly scene: Scene;
  readonly term: Term;
}

/**
 * A term with all its inputs.
 *
 * @param fed values of batch entries, by path; others are drawn
 */
export function staged(
  given: IccOptions,
  { parts = undefined as Parts | undefined, imageIds = twins, fed = {} as Record<string, Value> } = {},
): Staged {
  const objective = iccObjective(given, parts);
  const feeds = new Map<string, Value>();
  const scene = sceneOf(encoder, feeds, { imageIds });
  const own = opened(objective.parameters, 'own', { feeds });
  const memory = opened(objective.memory, 'memory', { feeds, constants: true });
  const inputs = mapTree(objective.inputs, ({ shape, dtype }: Spec, path) => {
    const sizes = shape as number[];
    if (dtype === 'int32') return constant(fed[path]?.data ?? [2, 0, 3, 1], sizes, 'int32');
    const drawn = countOf(sizes) === 1 ? { shape: [], data: Float64Array.of(0) } : normalValue(sizes, path);
    return constant((fed[path] ?? drawn).data, sizes);
  }) as unknown as Tree<Tensor>;
  const term = objective.term(own, memory, inputs, scene);
  const { towers } = scene;
  return {
    ...{ towers, inputs, feeds, scene, term },
    own: own as IccParameters<Tensor>,
    memory: memory as unknown as IccMemory<Tensor>,
  };
}
