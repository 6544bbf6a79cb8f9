/** @file InfoNCE in both directions (CLIP, Radford et al. 2021), captions of the same image masked. */
import { add, multiply, subtract, where } from '../../graph/ops/elementwise.ts';
import { type Operand, tensorOf } from '../../graph/ops/leaves.ts';
import { logSumExp, maskedLogit, mean } from '../../graph/ops/reduce.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { countTrue, diagonal, type Objective, twinsOf } from './relation.ts';

/**
 *     z_ij = scale · s_ij, left out where i ≠ j show the same image
 *     L = 1/2 { mean_i ( log Σ_j e^z_ij - z_ii ) + mean_j ( log Σ_i e^z_ij - z_jj ) }
 *
 * @param scores [B, B], pairs on the diagonal
 * @param same bool [B, B], from `sameImage`
 * @param scale 1 / temperature, from `learnedScale` or `fixedScale`
 */
export function infoNce(scores: Tensor, same: Tensor, scale: Operand): Objective {
  const twins = twinsOf(same);
  const logits = where(twins, maskedLogit, multiply(scores, scale));
  const pairs = diagonal(logits);
  const [perImage, perCaption] = [1, 0].map((axis) => mean(subtract(logSumExp(logits, axis), pairs)));
  return {
    loss: multiply(add(perImage, perCaption), 0.5),
    metrics: {
      positiveScore: mean(diagonal(scores)),
      maskedNegatives: countTrue(twins),
      logitScale: tensorOf(scale),
    },
  };
}
