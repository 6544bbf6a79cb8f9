/**
 * @file What is indexed of CODER: both branches as one vector, whose inner product is the fused score.
 *
 *     ṽ = [ √(1-β) v ; √β v^c ],   ũ = [ √(1-β) u ; √β u^c ],   ṽ·ũ = (1-β) v·u + β v^c·u^c,   both of length 1
 */
import { multiply } from '../../graph/ops/elementwise.ts';
import { scalar } from '../../graph/ops/leaves.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import { concat, expand } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import { ask, conceptCount, conceptVectors } from './branch.ts';
import type { CoderMemory, CoderOptions, CoderParameters } from './state.ts';

/** What one side of a trained model needs to make its vectors. */
export interface EmbeddingSource {
  /** Parameters of the objective, trained or averaged. */
  readonly parameters: Tree<Tensor>;
  /** Memory of the objective: the running statistics are read, nothing else. */
  readonly memory: Tree<Tensor>;
  /** Parameters of the text tower, for both sides: node features may be rows of its table. */
  readonly text: Tree<Tensor>;
}

/** Vectors of CODER in place of those of its towers. */
export interface CoderEmbedding {
  /** Length of the vectors: twice that of the towers with the concept branch. */
  readonly dimension: number;
  /**
   * Unit vectors [count, dimension] from pooled ones [count, d]. Everything but the query is constant once parameters are, so
   * that folding leaves no graph network, queue, copy or prototype behind.
   *
   * @param labels [count, concepts] of `conceptLabels`, where words are mixed into the query; zeros where left out
   */
  embed(side: 'image' | 'text', source: EmbeddingSource, pooled: Tensor, labels?: Tensor): Tensor;
}

/** @param beta β: weight of the concept branch, from 0 to 1 */
export function coderEmbedding(
  { encoder, concepts }: Pick<CoderOptions, 'encoder' | 'concepts'>,
  beta: number,
): CoderEmbedding {
  if (!concepts) return { dimension: encoder.dimension, embed: (_, __, pooled) => l2Normalize(pooled) };
  return {
    dimension: 2 * encoder.dimension,
    embed: (side, { parameters, memory, text }, pooled, labels) => {
      const { concept } = parameters as CoderParameters<Tensor>;
      const { statistics } = memory as unknown as CoderMemory<Tensor>;
      const rows = conceptVectors(concepts, concept!.graph, text);
      const answer = ask(concepts, concept![side], statistics![side], rows, pooled, {
        training: false,
        labels: side === 'text' ? (labels ?? expand(scalar(0), [1, conceptCount(concepts)])) : undefined,
      });
      return concat(
        [multiply(l2Normalize(pooled), Math.sqrt(1 - beta)), multiply(answer.embedding, Math.sqrt(beta))],
        1,
      );
    },
  };
}

/**
 * Another β at search time without encoding or indexing anything again: a query with both halves re-scaled, whose inner product
 * with vectors of β `indexed` is the score of β `wanted`.
 *
 *     [ (1-β')/√(1-β) · u ; β'/√β · u^c ]        from the query [ √(1-β) u ; √β u^c ]
 *
 * @param query vectors of β `indexed`, one or several, one behind the other
 * @param dimension of a vector, both halves
 * @param indexed above 0 and below 1: at the ends one half was lost
 */
export function reweighQuery(query: Float32Array, dimension: number, indexed: number, wanted: number): Float32Array {
  const factors = [(1 - wanted) / (1 - indexed), wanted / indexed];
  return query.map((x, i) => x * factors[i % dimension < dimension / 2 ? 0 : 1]);
}

/** Vectors of β `indexed` as vectors of β `wanted`: unit length again. */
export function reweighVectors(
  vectors: Float32Array,
  dimension: number,
  indexed: number,
  wanted: number,
): Float32Array {
  const factors = [(1 - wanted) / (1 - indexed), wanted / indexed].map(Math.sqrt);
  return vectors.map((x, i) => x * factors[i % dimension < dimension / 2 ? 0 : 1]);
}
