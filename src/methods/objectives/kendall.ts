/**
 * @file Kendall ranking losses: scores shall order the candidates of an anchor as graded relevance does. Three ways to choose the
 * compared candidates, each reconstructed or from related work (papers on BCLS); both directions, and relevance is transposed with
 * the scores, as it is not symmetric.
 */
import {
  add,
  cast,
  divide,
  greater,
  maximum,
  multiply,
  negate,
  relu,
  sigmoid,
  subtract,
  tanh,
  where,
} from '../../graph/ops/elementwise.ts';
import { cumulativeMax, takeAlong, topK } from '../../graph/ops/indexing.ts';
import { mean, sum } from '../../graph/ops/reduce.ts';
import { slice, transpose, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Objective } from './relation.ts';

/** What a comparison costs whose less relevant candidate scores higher by x. */
export type Surrogate =
  /** [x]₊: nothing where the order is right. */
  | { readonly form: 'hinge' }
  /** σ(x / τ): the share of wrong orders, smoothed. */
  | { readonly form: 'sigmoid'; readonly temperature: number }
  /** tanh(x / τ): -1 for a right order, 1 for a wrong one, so that the mean is Kendall's tau, negative and smoothed. */
  | { readonly form: 'tanh'; readonly temperature: number };

const plainHinge: Surrogate = { form: 'hinge' };

/** The cost of each comparison, of the shape of x. */
export function costOf(x: Tensor, surrogate: Surrogate = plainHinge): Tensor {
  switch (surrogate.form) {
    case 'hinge':
      return relu(x);
    case 'sigmoid':
      return sigmoid(multiply(x, 1 / surrogate.temperature));
    case 'tanh':
      return tanh(multiply(x, 1 / surrogate.temperature));
  }
}

/**
 * All pairs of candidates whose relevance differs by more than a gap:
 *
 *     Σ_i Σ_{(j,k): c_ij - c_ik > gap} [s_ik - s_ij]₊ / number of such (i,j,k);  0 if there is none
 *
 * Takes B³ comparisons.
 *
 * @param scores [B, B], rows are images
 * @param relevance [B, B] of image i and caption j, without gradient; any pair may be compared, matches included
 * @param surrogate in place of [·]₊
 */
export function kendallGap(scores: Tensor, relevance: Tensor, gap: number, surrogate?: Surrogate): Objective {
  const one = (s: Tensor, c: Tensor) => {
    const differences = (x: Tensor) => subtract(unsqueeze(x, 2), unsqueeze(x, 1));
    const counted = greater(differences(c), gap);
    const violated = costOf(negate(differences(s)), surrogate);
    const count = sum(cast(counted, 'float32'));
    return { loss: divide(sum(where(counted, violated, 0)), maximum(count, 1)), count };
  };
  const [perImage, perCaption] = [one(scores, relevance), one(transpose(scores), transpose(relevance))];
  return {
    loss: multiply(add(perImage.loss, perCaption.loss), 0.5),
    metrics: { comparisons: add(perImage.count, perCaption.count) },
  };
}

export interface WindowOptions {
  /** Ranks too close to be told apart by relevance: those inside the window after a candidate are not compared. */
  readonly window: number;
  /** Added to each comparison. */
  readonly margin?: number;
  /** Which comparisons: see `kendallWindow`. */
  readonly variant: 'A' | 'B';
  /** In place of [·]₊. */
  readonly surrogate?: Surrogate | undefined;
}

/**
 * Sliding window with the hardest candidates, B² comparisons. Candidates of an anchor in descending relevance have scores
 * z_1 … z_B:
 *
 *     A: 1/(B-W)   Σ_p [ max_{q ≥ p+W} z_q - z_p + margin ]₊                      each against the hardest W ranks below
 *     B: 1/(B-W-1) Σ_e [ max_{q > e+W} z_q - min_{p ≤ e} z_p + margin ]₊          the hardest below the window against the hardest above
 *
 * @param scores [B, B] with B known, rows are images
 * @param relevance [B, B] without gradient; equal relevance is ordered by position
 */
export function kendallWindow(scores: Tensor, relevance: Tensor, options: WindowOptions): Objective {
  const { window, margin = 0, variant, surrogate } = options;
  const size = scores.shape[0] as number;
  const one = (s: Tensor, c: Tensor) => {
    const ranked = takeAlong(s, topK(c, size, 1).indices, 1);
    const hardestFrom = cumulativeMax(ranked, 1, true);
    const first = variant === 'A' ? window : window + 1;
    const below = slice(hardestFrom, 1, first, size);
    const above = variant === 'A' ? ranked : negate(cumulativeMax(negate(ranked), 1));
    return mean(costOf(add(subtract(below, slice(above, 1, 0, size - first)), margin), surrogate));
  };
  return {
    loss: multiply(add(one(scores, relevance), one(transpose(scores), transpose(relevance))), 0.5),
    metrics: {},
  };
}
