/**
 * @file What is indexed of CODER: both branches as one vector, whose inner product is the fused score.
 *
 *     ṽ = [ √(1-β) f_v ; √β v^c ],   ũ = [ √(1-β) f_u ; √β u^c ],   ṽ·ũ = (1-β) f_v·f_u + β v^c·u^c,   both of length 1
 *     f_v = l2norm( a v + (1-a) v^c ),   f_u = l2norm( a u + (1-a) u^c );   a = 1: the instances v and u themselves
 *
 * CVSE has a = 0.85 (0.90 on COCO) and β = 0.05. Whatever a is, β changes at search time: see `reweigh.ts`.
 */
import type { DualEncoder } from '../../encoders/tower.ts';
import { add, multiply } from '../../graph/ops/elementwise.ts';
import { scalar } from '../../graph/ops/leaves.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import { concat, expand } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { type Embedding, plainEmbedding } from '../embedding.ts';
import { ask, type BranchOptions, branchParameters, branchStatistics, conceptCount, conceptVectors } from './branch.ts';
import { coderName } from './objective.ts';
import type { CoderMemory, CoderParameters } from './state.ts';

/** What is read of the state: the concept branch, its running statistics, and the text tower whose table nodes may be rows of. */
type Parameters<L> = {
  readonly text: Tree<L>;
  readonly objectives: { readonly [coderName]: Pick<CoderParameters<L>, 'concept'> };
};
type Memory<L> = { readonly [coderName]: Pick<CoderMemory<L>, 'statistics'> };

/** How both branches make a score. */
export interface Fusion {
  /** β, from 0 to 1: weight of the second half, the concepts. */
  readonly beta: number;
  /** a, from 0 to 1: share of the instance in the first half. */
  readonly instanceShare: number;
}

/**
 * Vectors of CODER in place of those of its towers, twice as long with the concept branch. Everything but the query is constant
 * once parameters are, so that folding leaves no graph network, queue, copy or prototype behind.
 *
 * Words are not looked for in texts here: where they are mixed into the query of the text side (`labelShare`), all concepts get
 * the same share.
 */
export function coderEmbedding(
  { encoder, concepts }: { readonly encoder: DualEncoder; readonly concepts?: BranchOptions | undefined },
  { beta, instanceShare }: Fusion,
): Embedding {
  if (!concepts) return plainEmbedding(encoder.dimension);
  const { dimension } = encoder;
  const text = encoder.text.parameters;
  const concept = branchParameters(concepts, dimension, text);
  const parameters: Parameters<ParameterSpec> = { text, objectives: { [coderName]: { concept } } };
  const memory: Memory<ParameterSpec> = { [coderName]: { statistics: branchStatistics(dimension) } };
  return {
    dimension: 2 * dimension,
    share: beta,
    reads: { parameters: parameters as Tree<ParameterSpec>, memory: memory as Tree<ParameterSpec> },
    embed: (side, state, pooled) => {
      const { text: tower, objectives } = state.parameters as Parameters<Tensor>;
      const { concept: branch } = objectives[coderName];
      const { statistics } = (state.memory as Memory<Tensor>)[coderName];
      const rows = conceptVectors(concepts, branch!.graph, tower);
      const answer = ask(concepts, branch![side], statistics![side], rows, pooled, {
        training: false,
        labels: side === 'text' ? expand(scalar(0), [1, conceptCount(concepts)]) : undefined,
      });
      const first = fused(l2Normalize(pooled), answer.embedding, instanceShare);
      return concat([multiply(first, Math.sqrt(1 - beta)), multiply(answer.embedding, Math.sqrt(beta))], 1);
    },
  };
}

/** l2norm( a v + (1-a) v^c ), of unit vectors. */
function fused(instance: Tensor, concept: Tensor, share: number): Tensor {
  if (share === 1) return instance;
  return l2Normalize(add(multiply(instance, share), multiply(concept, 1 - share)));
}
