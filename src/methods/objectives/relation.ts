/** @file What a batch of pairs says about its scores: which are the pairs, and which are captions of the same image. */

import type { Dim } from '../../graph/dims.ts';
import { and, cast, equal, not, where } from '../../graph/ops/elementwise.ts';
import { iota } from '../../graph/ops/leaves.ts';
import { sum } from '../../graph/ops/reduce.ts';
import { reshape } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';

/** A term of a loss, with numbers that are logged beside it. */
export interface Objective {
  /** float32 scalar. */
  readonly loss: Tensor;
  /** float32 scalars. */
  readonly metrics: { readonly [name: string]: Tensor };
}

/** bool [B, B]: whether two pairs of the batch show the same image. True on the diagonal. */
export function sameImage(imageIds: Tensor): Tensor {
  const size = imageIds.shape[0];
  return equal(reshape(imageIds, [size, 1]), reshape(imageIds, [1, size]));
}

/** bool [B, B]: true on the diagonal, where the pairs are. */
export function pairsOf(size: Dim): Tensor {
  return equal(reshape(iota(size), [size, 1]), reshape(iota(size), [1, size]));
}

/** bool [B, B]: another caption of the same image. Neither a positive nor a negative. */
export function twinsOf(same: Tensor): Tensor {
  return and(same, not(pairsOf(same.shape[0])));
}

/** The scores of the pairs: [B, B] to [B]. */
export function diagonal(scores: Tensor): Tensor {
  return sum(where(pairsOf(scores.shape[0]), scores, 0), 1);
}

/** How many entries of a boolean matrix hold. */
export function countTrue(mask: Tensor): Tensor {
  return sum(cast(mask, 'float32'));
}
