/**
 * @file What is indexed of CODER: both branches as one vector, whose inner product is the fused score.
 *
 *     ṽ = [ √(1-β) v ; √β v^c ],   ũ = [ √(1-β) u ; √β u^c ],   ṽ·ũ = (1-β) v·u + β v^c·u^c,   both of length 1
 */
import type { DualEncoder } from '../../encoders/tower.ts';
import { multiply } from '../../graph/ops/elementwise.ts';
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

/**
 * Vectors of CODER in place of those of its towers, twice as long with the concept branch. Everything but the query is constant
 * once parameters are, so that folding leaves no graph network, queue, copy or prototype behind.
 *
 * Words are not looked for in texts here: where they are mixed into the query of the text side (`labelShare`), all concepts get
 * the same share.
 *
 * @param beta β: weight of the concept branch, from 0 to 1
 */
export function coderEmbedding(
  { encoder, concepts }: { readonly encoder: DualEncoder; readonly concepts?: BranchOptions | undefined },
  beta: number,
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
      return concat(
        [multiply(l2Normalize(pooled), Math.sqrt(1 - beta)), multiply(answer.embedding, Math.sqrt(beta))],
        1,
      );
    },
  };
}
