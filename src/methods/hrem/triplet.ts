/** @file The triplet loss with drawn negatives, over several score matrices of one batch at once. */
import { add, and, cast, divide, floor, multiply, relu, subtract, where } from '../../graph/ops/elementwise.ts';
import { cumulativeSum, takeAlong } from '../../graph/ops/indexing.ts';
import { min, sum } from '../../graph/ops/reduce.ts';
import { concat, expand, reshape, transpose, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { candidatesOf, drawable, drawNegatives, type SamplingOptions } from './sampling.ts';

export interface TripletOptions extends SamplingOptions {
  /** α, by how much a pair must beat its negative. */
  readonly margin: number;
  /**
   * Independent draws for each anchor. Positives of an anchor beyond this share one with an earlier positive, which leaves the
   * expectation as it is; as many as an image has captions give each its own.
   */
  readonly draws: number;
}

/**
 * For every positive (a, b), captions of the same image among them, one negative c ~ p_a:
 *
 *     L(S) = Σ_{(a,b)} [α + S_ac - S_ab]₊ over the rows of S  +  the same over the rows of Sᵀ        sums, not means
 *
 * Anchors for which no negative may be drawn count nothing; in the official order their whole direction does.
 *
 * @param scores matrices [B, B] of cosines, rows are images
 * @param same bool [B, B], from `sameImage`
 * @param key int32 scalar of the step
 * @param stream name of the use
 * @returns [matrices]: a loss for each
 */
export function tripletLosses(
  scores: readonly Tensor[],
  same: Tensor,
  options: TripletOptions,
  key: Tensor,
  stream: string,
): Tensor {
  const { margin, draws, order } = options;
  // Both directions of all matrices [2 n, B, B]: one draw for all.
  const s = concat(
    [...scores, ...scores.map((one) => transpose(one))].map((one) => unsqueeze(one, 0)),
    0,
  );
  const candidates = candidatesOf(s, same, options);
  const chosen = takeAlong(s, drawNegatives(candidates, key, stream, draws), 2);
  const negative = takeAlong(chosen, expand(drawOf(same, draws), s.shape), 2);
  const some = drawable(candidates);
  const counted = order === 'masked-first' ? some : cast(min(cast(some, 'float32'), [1, 2], true), 'bool');
  const hinges = where(and(same, counted), relu(subtract(add(negative, margin), s)), 0);
  return sum(reshape(sum(hinges, [1, 2]), [2, scores.length]), 0);
}

/** Which draw of its anchor each positive takes: 0, 1, 2 … along the row, from 0 again after the last. int32 [1, B, B]. */
function drawOf(positives: Tensor, draws: number): Tensor {
  const count = subtract(cumulativeSum(cast(positives, 'float32'), 1), 1);
  const turn = subtract(count, multiply(floor(divide(count, draws)), draws));
  return unsqueeze(cast(where(positives, turn, 0), 'int32'), 0);
}
