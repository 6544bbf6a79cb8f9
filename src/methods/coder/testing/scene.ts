/** @file A term of CODER with all its inputs, over the towers of one linear layer. */
import type { Tensor } from '../../../graph/tensor.ts';
import type { Tree } from '../../../graph/tree.ts';
import type { Value } from '../../../graph/values.ts';
import type { Scene } from '../../objective.ts';
import { encoderWithTable, opened, sceneOf, twins } from '../../testing/scene.ts';
import { coderObjective } from '../objective.ts';
import type { CoderMemory, CoderOptions, CoderParameters } from '../state.ts';

/** Everything that a term depends on, as inputs of a graph, with first values. */
export interface Stage {
  readonly towers: Scene['towers'];
  readonly own: CoderParameters<Tensor>;
  readonly memory: CoderMemory<Tensor>;
  readonly scene: Scene;
  readonly feeds: Map<string, Value>;
  /** The term of the objective. */
  readonly term: ReturnType<ReturnType<typeof coderObjective>['term']>;
}

/**
 * A term on the stage.
 *
 * @param fixed makes the memory constant, so that finite differences move parameters alone
 */
export function staged(
  options: CoderOptions,
  { fixed = false, step = 0, inputs = {} as Tree<Tensor>, imageIds = twins as readonly number[] } = {},
): Stage {
  const objective = coderObjective(options);
  const feeds = new Map<string, Value>();
  const scene = sceneOf(encoderWithTable, feeds, { step, imageIds });
  const own = opened(objective.parameters, 'own', { feeds });
  const memory = opened(objective.memory, 'memory', { feeds, constants: fixed });
  const term = objective.term(own, memory, inputs, scene);
  return {
    ...{ towers: scene.towers, scene, feeds, term },
    own: own as CoderParameters<Tensor>,
    memory: memory as unknown as CoderMemory<Tensor>,
  };
}
