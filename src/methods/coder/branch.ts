/**
 * @file The concept branch (CVSE): a graph network makes a vector of each concept, and a query module of each modality makes an
 * embedding of what the instance asks of them.
 *
 *     H = LeakyReLU( Â X W_0 )          Y = l2norm( Â H W_1 )                       one graph network for both modalities
 *     a_k = w · ( tanh(BN(W_c y_k)) ∘ tanh(BN(W_q x)) )                             BN over the concepts, and over the batch
 *     α = softmax( 10 a )               embedding = l2norm( Σ_k α_k y_k )
 *
 * x is what the tower pools (`pooled`), that at unit length (`unit`, CVSE), or a linear map of it with weights of its own (`mapped`).
 *
 * CVSE has biases before BN, which its mean takes away again, and one on a, which the softmax does not see: they are left out.
 */
import { add, leakyRelu, multiply, stopGradient, tanh } from '../../graph/ops/elementwise.ts';
import { gather } from '../../graph/ops/indexing.ts';
import { constant } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { l2Normalize, softmax } from '../../graph/ops/reduce.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import { normal, uniformWithin, xavierUniform } from '../../nn/initialisers.ts';
import { type Linear, linear, linearParameters } from '../../nn/linear.ts';
import { batchNormIn, type Norm, normParameters, type RunningStatistics, runningStatistics } from '../../nn/norm.ts';
import { type ParameterSpec, parameter } from '../../nn/parameters.ts';
import type { NodeFeatures } from './features.ts';

export interface BranchOptions {
  /** Â [q, q], row by row. */
  readonly graph: ArrayLike<number>;
  readonly features: NodeFeatures;
  /** Width between the two layers of the graph network. */
  readonly hidden: number;
  /** Factor on a before the softmax. */
  readonly sharpness: number;
  /** x. */
  readonly query: 'pooled' | 'unit' | 'mapped';
  /** r: share of the caption's own words in α of the text side. */
  readonly labelShare: number;
}

type Weight<L> = { readonly weight: L };
export type GraphNetwork<L> = { readonly features?: L; readonly first: Weight<L>; readonly second: Weight<L> };
export type Query<L> = {
  /** The map in front of the query, where it has one. */
  readonly map?: Linear<L>;
  /** W_c with its norm. */
  readonly concept: Weight<L>;
  readonly conceptNorm: Norm<L>;
  /** W_q with its norm. */
  readonly query: Weight<L>;
  readonly queryNorm: Norm<L>;
  /** w [d]. */
  readonly score: L;
};
export type Branch<L> = { readonly graph: GraphNetwork<L>; readonly image: Query<L>; readonly text: Query<L> };
export type QueryStatistics<L> = { readonly concept: RunningStatistics<L>; readonly query: RunningStatistics<L> };
export type BranchStatistics<L> = { readonly image: QueryStatistics<L>; readonly text: QueryStatistics<L> };

/** Number of concepts behind a graph. */
export function conceptCount({ graph }: Pick<BranchOptions, 'graph'>): number {
  return Math.sqrt(graph.length);
}

/** @param dimension d, of instance and concept embeddings */
export function branchParameters(
  options: BranchOptions,
  dimension: number,
  textTower: Tree<ParameterSpec>,
): Branch<ParameterSpec> {
  const { features, hidden } = options;
  const width = features.kind === 'text' ? tableAt<ParameterSpec>(textTower, features.table).shape[1] : features.width;
  const square = () => parameter([dimension, dimension], xavierUniform());
  const query = (): Query<ParameterSpec> => ({
    ...(options.query === 'mapped' && { map: linearParameters(dimension, dimension) }),
    concept: { weight: square() },
    conceptNorm: normParameters(dimension),
    query: { weight: square() },
    queryNorm: normParameters(dimension),
    score: parameter([dimension], uniformWithin(Math.sqrt(6 / (dimension + 1)))),
  });
  const layer = (output: number, input: number) => ({
    weight: parameter([output, input], uniformWithin(1 / Math.sqrt(output))),
  });
  return {
    graph: {
      ...(features.kind === 'trained' && { features: parameter([conceptCount(options), width], normal(1)) }),
      first: layer(hidden, width),
      second: layer(dimension, hidden),
    },
    image: query(),
    text: query(),
  };
}

export function branchStatistics(dimension: number): BranchStatistics<ParameterSpec> {
  const one = () => ({ concept: runningStatistics(dimension), query: runningStatistics(dimension) });
  return { image: one(), text: one() };
}

/** Y [q, d], rows of length 1. @param textTower parameters of the tower whose table the features may be rows of */
export function conceptVectors(options: BranchOptions, params: GraphNetwork<Tensor>, textTower: Tree<Tensor>): Tensor {
  const size = conceptCount(options);
  const spread = constant(options.graph, [size, size]);
  const hidden = leakyRelu(matmul(spread, linear(params.first, nodesOf(options, params, textTower))), 0.2);
  return l2Normalize(matmul(spread, linear(params.second, hidden)));
}

/** X [q, width]. */
function nodesOf(options: BranchOptions, { features: learnt }: GraphNetwork<Tensor>, textTower: Tree<Tensor>): Tensor {
  const { features } = options;
  switch (features.kind) {
    case 'trained':
      return learnt!;
    case 'given':
      return constant(features.data, [conceptCount(options), features.width]);
    case 'text': {
      const { ids, table } = features;
      const flat = ids.flat();
      const rows = gather(stopGradient(tableAt<Tensor>(textTower, table)), constant(flat, [flat.length], 'int32'));
      const owner = ids.flatMap((list, concept) => list.map(() => concept));
      const means = ids.flatMap((list, i) => owner.map((concept) => (concept === i ? 1 / list.length : 0)));
      return matmul(constant(means, [ids.length, flat.length]), rows);
    }
  }
}

function tableAt<L extends { readonly shape: readonly unknown[] }>(tower: Tree<L>, path: string): L {
  const found = leavesOf<L>(tower).find(([name]) => name === path);
  if (!found) throw new RangeError(`the text tower has no table ${path}`);
  return found[1];
}

export interface Answer {
  /** [B, d], rows of length 1. */
  readonly embedding: Tensor;
  /** Running statistics afterwards; the same where they are not those of training. */
  readonly statistics: QueryStatistics<Tensor>;
}

/**
 * What instances ask of the concepts.
 *
 * @param concepts Y [q, d]
 * @param pooled [B, d], instance embeddings before they are scaled to unit length
 * @param labels [B, q]: 1 for concepts that are among the words, else 0; all 0 where unknown
 */
export function ask(
  { query: form, sharpness, labelShare }: Pick<BranchOptions, 'query' | 'sharpness' | 'labelShare'>,
  params: Query<Tensor>,
  statistics: QueryStatistics<Tensor>,
  concepts: Tensor,
  pooled: Tensor,
  { labels, ...mode }: { training: boolean; labels?: Tensor | undefined },
): Answer {
  const concept = batchNormIn(mode, params.conceptNorm, statistics.concept, linear(params.concept, concepts));
  const x = form === 'unit' ? l2Normalize(pooled) : params.map ? linear(params.map, pooled) : pooled;
  const query = batchNormIn(mode, params.queryNorm, statistics.query, linear(params.query, x));
  const scores = matmul(tanh(query.y), multiply(tanh(concept.y), params.score), { transposeB: true });
  const attention = softmax(multiply(scores, sharpness));
  const mixed =
    labels && labelShare > 0
      ? add(multiply(softmax(multiply(labels, sharpness)), labelShare), multiply(attention, 1 - labelShare))
      : attention;
  return {
    embedding: l2Normalize(matmul(mixed, concepts)),
    statistics: { concept: concept.running, query: query.running },
  };
}
