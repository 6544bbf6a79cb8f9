/** @file Hinge losses over the negatives of a batch (VSE++, Faghri et al. 2018, eq. 4 to 6). */
import { add, greater, relu, subtract, where } from '../../graph/ops/elementwise.ts';
import { max, mean, sum } from '../../graph/ops/reduce.ts';
import { unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { countTrue, diagonal, type Objective, twinsOf } from './relation.ts';

export interface HingeOptions {
  /** By how much a pair must beat its negatives. */
  readonly margin: number;
  /** All negatives, or the hardest one of each image and of each caption. */
  readonly negatives: 'all' | 'hardest';
}

/**
 *     c_ij = [margin + s_ij - s_ii]₊        r_ij = [margin + s_ij - s_jj]₊        both 0 where i and j show the same image
 *
 *     all:      Σ_ij c_ij + r_ij            hardest:  Σ_i max_j c_ij + Σ_j max_i r_ij
 *
 * @param scores [B, B], rows are images, columns captions, pairs on the diagonal
 * @param same bool [B, B], from `sameImage`
 */
export function hinge(scores: Tensor, same: Tensor, { margin, negatives }: HingeOptions): Objective {
  const pairs = diagonal(scores);
  const raised = add(scores, margin);
  const [captions, images] = [unsqueeze(pairs, 1), unsqueeze(pairs, 0)].map((pair) =>
    where(same, 0, relu(subtract(raised, pair))),
  );
  const loss = negatives === 'all' ? add(sum(captions), sum(images)) : add(sum(max(captions, 1)), sum(max(images, 0)));
  return {
    loss,
    metrics: {
      positiveScore: mean(pairs),
      maskedNegatives: countTrue(twinsOf(same)),
      violations: add(countTrue(greater(captions, 0)), countTrue(greater(images, 0))),
    },
  };
}
