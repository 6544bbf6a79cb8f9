/** @file HREM as two objectives: the loss on the embeddings as they are, and what the graph adds once it has started. */
import { add, multiply } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/product.ts';
import { mean, sum } from '../../graph/ops/reduce.ts';
import { split, squeeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import type { Objective, Scene } from '../objective.ts';
import { diagonal } from '../objectives/relation.ts';
import { type EdgeMlps, edgeMlpParameters } from './edges.ts';
import { inOneGroup, sideBySide } from './fragments.ts';
import { type InteractionOptions, interact, interactionParameters } from './interaction.ts';
import { type MatchingOptions, matchFragments } from './matching.ts';
import { type PairLoss, pairLosses } from './pair-loss.ts';
import { type RegulariserOptions, regulariser } from './regulariser.ts';
import { type Embeddings, type RelationOptions, type Relations, relationsOf } from './relations.ts';

/** Everything about the graph. */
export interface GraphOptions extends RelationOptions, InteractionOptions, RegulariserOptions {
  readonly matching: MatchingOptions;
  /** Weight of the regulariser; 0 leaves it out. */
  readonly regulariserWeight: number;
}

/** L(v, u): two encoders and nothing else. */
export function hremBase(loss: PairLoss): Objective {
  return {
    name: 'hrem-base',
    parameters: {},
    memory: {},
    inputs: {},
    term: (_, memory, __, scene) => ({
      loss: sum(pairLosses([scene.scores], scene, loss, 'hrem.base')),
      metrics: { positiveScore: mean(diagonal(scene.scores)) },
      memory,
    }),
  };
}

/**
 *     L(v̄, ū) + L(v, ū) + L(v̄, u) + weight · L_reg
 *
 * The two cross pairs keep the embeddings that are searched consistent with the enhanced ones.
 *
 * @param dimension d of the embeddings
 */
export function hremGraph(dimension: number, loss: PairLoss, options: GraphOptions): Objective {
  return {
    name: 'hrem-graph',
    parameters: {
      edges: edgeMlpParameters(options.matching.best),
      interaction: interactionParameters(dimension, options),
    },
    memory: {},
    inputs: {},
    term: (params, memory, _, scene) => {
      const { initial, enhanced, relations } = enhance(params, scene, options);
      const against = (v: Tensor, u: Tensor) => matmul(v, u, { transposeB: true });
      const scores = [
        against(enhanced.images, enhanced.texts),
        against(initial.images, enhanced.texts),
        against(enhanced.images, initial.texts),
      ];
      const losses = pairLosses(scores, scene, loss, 'hrem.graph');
      const [both, texts, images] = split(losses, 0, [1, 1, 1]).map((one) => squeeze(one, 0));
      const metrics = { enhancedLoss: both, enhancedTextsLoss: texts, enhancedImagesLoss: images };
      const pairs = sum(losses);
      if (options.regulariserWeight === 0) return { loss: pairs, metrics, memory };
      const term = regulariser(relations.weights, initial, options);
      return {
        loss: add(pairs, multiply(term, options.regulariserWeight)),
        metrics: { ...metrics, regulariser: term },
        memory,
      };
    },
  };
}

/** Embeddings of a batch before and after they have read each other along the graph. */
export function enhance(
  params: Tree<Tensor>,
  { image, text, mode }: Pick<Scene, 'image' | 'text' | 'mode'>,
  options: GraphOptions,
): { readonly initial: Embeddings; readonly enhanced: Embeddings; readonly relations: Relations } {
  const { best } = options.matching;
  const initial = { images: image.embedding, texts: text.embedding };
  const matching = matchFragments(inOneGroup(image, best), sideBySide(text, best), options.matching);
  const relations = relationsOf(initial, matching, params.edges as EdgeMlps<Tensor>, options);
  const key = mode.training ? mode.key : undefined;
  const enhanced = interact(params.interaction as Tree<Tensor>, initial, relations, options, key);
  return { initial, enhanced, relations };
}
