/** @file What is evaluated, exported and searched: unit vectors made of what the towers pool. */
import { l2Normalize } from '../graph/ops/reduce.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Tree } from '../graph/tree.ts';
import type { ParameterSpec } from '../nn/parameters.ts';

/** Parts of the state of a run, as trees under their places in it. */
export interface EmbeddingState<L> {
  /** Under `params`, or `average` where the weights are averaged. */
  readonly parameters: Tree<L>;
  /** Under `memory`. */
  readonly memory: Tree<L>;
}

export interface Embedding {
  /** Length of the vectors. */
  readonly dimension: number;
  /** What is read of the state beside the tower of the side. */
  readonly reads: EmbeddingState<ParameterSpec>;
  /** Unit vectors [count, dimension]. @param pooled [count, d] of the towers, before it is scaled */
  embed(side: 'image' | 'text', state: EmbeddingState<Tensor>, pooled: Tensor): Tensor;
  /**
   * Set where a vector is two halves, each a unit vector times the root of its share in the score: the share of the second half.
   * It can be changed at search time.
   */
  readonly share?: number;
}

/** The pooled vectors themselves, scaled to unit length. */
export function plainEmbedding(dimension: number): Embedding {
  return {
    dimension,
    reads: { parameters: {}, memory: {} },
    embed: (_, __, pooled) => l2Normalize(pooled),
  };
}
