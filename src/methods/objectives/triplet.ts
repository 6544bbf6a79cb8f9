/** @file Triplet losses that do not look at the hardest negative alone: soft negatives in three forms, and selection. */
import {
  absolute,
  add,
  cast,
  divide,
  less,
  maximum,
  multiply,
  not,
  relu,
  subtract,
  where,
} from '../../graph/ops/elementwise.ts';
import { logSumExp, maskedLogit, max, mean, softmax, sum } from '../../graph/ops/reduce.ts';
import { transpose, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { countTrue, diagonal, type Objective, pairsOf, twinsOf } from './relation.ts';

/** How the negatives of an anchor enter its loss. All are reconstructed readings of "soft negative mining". */
export type Negatives =
  /** τ log( 1 + Σ_j e^((s_ij - s_ii + α) / τ) ), which is the hardest negative's hinge as τ → 0. */
  | { readonly form: 'logSumExp'; readonly temperature: number }
  /** [α + Σ_j w_j s_ij - s_ii]₊ with w = softmax(s_ij / τ): the hinge of a weighted negative. */
  | { readonly form: 'weightedNegative'; readonly temperature: number }
  /** Σ_j w_j [α + s_ij - s_ii]₊ with the same weights: weighted hinges. */
  | { readonly form: 'weightedHinges'; readonly temperature: number }
  /** The mean of [α + s_ij - s_ii]₊ where |s_ii - max_j s_ij| < tolerance, else their maximum (SelHN). */
  | { readonly form: 'selected'; readonly tolerance: number };

/**
 * L = 1/2 { mean_i l(i) + mean_j l(j) }, with l over the captions of an image and over the images of a caption; negatives are the
 * j that do not show the image of i.
 *
 * @param scores [B, B], pairs on the diagonal
 * @param same bool [B, B], from `sameImage`
 * @param margin α
 */
export function softTriplet(scores: Tensor, same: Tensor, margin: number, negatives: Negatives): Objective {
  const perAnchor = (s: Tensor) => mean(anchorLoss(s, same, margin, negatives));
  return {
    loss: multiply(add(perAnchor(scores), perAnchor(transpose(scores))), 0.5),
    metrics: { positiveScore: mean(diagonal(scores)), maskedNegatives: countTrue(twinsOf(same)) },
  };
}

/** l of each row [B]. */
function anchorLoss(s: Tensor, same: Tensor, margin: number, negatives: Negatives): Tensor {
  const pair = diagonal(s);
  const gaps = add(subtract(s, unsqueeze(pair, 1)), margin);
  const hinges = where(same, 0, relu(gaps));
  switch (negatives.form) {
    case 'logSumExp': {
      const { temperature } = negatives;
      const logits = where(same, maskedLogit, multiply(gaps, 1 / temperature));
      // The 1 in the sum stands on the diagonal, as e^0.
      return multiply(logSumExp(where(pairsOf(s.shape[0]), 0, logits), 1), temperature);
    }
    case 'weightedNegative': {
      const negative = sum(multiply(softWeights(s, same, negatives.temperature), s), 1);
      return relu(add(subtract(negative, pair), margin));
    }
    case 'weightedHinges':
      return sum(multiply(softWeights(s, same, negatives.temperature), hinges), 1);
    case 'selected': {
      const hardest = max(where(same, maskedLogit, s), 1);
      const average = divide(sum(hinges, 1), maximum(sum(cast(not(same), 'float32'), 1), 1));
      return where(less(absolute(subtract(pair, hardest)), negatives.tolerance), average, max(hinges, 1));
    }
  }
}

/** softmax(s_ij / τ) over the negatives; zero where there are none. */
function softWeights(s: Tensor, same: Tensor, temperature: number): Tensor {
  return where(same, 0, softmax(where(same, maskedLogit, multiply(s, 1 / temperature))));
}
