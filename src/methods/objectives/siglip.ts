/** @file The pairwise sigmoid loss (SigLIP, Zhai et al. 2023, eq. 1), captions of the same image masked. */
import { add, divide, multiply, negate, softplus, where } from '../../graph/ops/elementwise.ts';
import { type Operand, sizeOf, tensorOf } from '../../graph/ops/leaves.ts';
import { mean, sum } from '../../graph/ops/reduce.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { filled } from '../../nn/initialisers.ts';
import { type ParameterSpec, parameter } from '../../nn/parameters.ts';
import { countTrue, diagonal, type Objective, pairsOf, twinsOf } from './relation.ts';

/** The bias of the logits, a scalar; -10 in the paper: at first nearly all pairs are negatives, and said to be. */
export function logitBiasParameter(start = -10): ParameterSpec {
  return parameter([], filled(start));
}

/**
 *     z_ij = scale · s_ij + bias        y_ij = 1 if i = j, else -1; left out where i ≠ j show the same image
 *     L = 1/B Σ_ij log(1 + e^(-y_ij z_ij))
 *
 * @param scores [B, B], pairs on the diagonal
 * @param same bool [B, B], from `sameImage`
 * @param scale 1 / temperature, from `learnedScale` or `fixedScale`
 */
export function sigLip(scores: Tensor, same: Tensor, scale: Operand, bias: Operand): Objective {
  const size = scores.shape[0];
  const twins = twinsOf(same);
  const logits = add(multiply(scores, scale), bias);
  const terms = softplus(where(pairsOf(size), negate(logits), logits));
  return {
    loss: divide(sum(where(twins, 0, terms)), sizeOf(size)),
    metrics: {
      positiveScore: mean(diagonal(scores)),
      maskedNegatives: countTrue(twins),
      logitScale: tensorOf(scale),
      logitBias: tensorOf(bias),
    },
  };
}
