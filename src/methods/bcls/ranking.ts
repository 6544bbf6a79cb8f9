/**
 * @file The ways to compare candidates in BCLS's ranking loss, each with its name: the forms that methods share, and two more that
 * are reconstructed from the paper's abstract.
 */
import { add, greater, multiply, negate, stopGradient, subtract, where } from '../../graph/ops/elementwise.ts';
import { cumulativeMax, gather, takeAlong, topK } from '../../graph/ops/indexing.ts';
import { constant } from '../../graph/ops/leaves.ts';
import { max, mean, min, sum } from '../../graph/ops/reduce.ts';
import { reshape, slice, transpose, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { costOf, kendallGap, kendallWindow, type Surrogate } from '../objectives/kendall.ts';
import type { Objective as Loss } from '../objectives/relation.ts';

/** Which candidates are compared, by how much they have to differ in score, and what a wrong order costs ([·]₊ unless given). */
export type Ranking = {
  readonly surrogate?: Surrogate;
} /** All pairs whose relevance differs by more than a gap; no margin. */ & (
  | { readonly form: 'gap'; readonly gap: number }
  /** All pairs of different relevance. */
  | { readonly form: 'full'; readonly margin: number }
  /** A, B: hardest candidates outside a sliding window. C: hardest pairs inside it. */
  | { readonly form: 'window'; readonly variant: 'A' | 'B' | 'C'; readonly window: number; readonly margin: number }
);

/** Degrees of relevance that differ by less than this share of the batch's spread count as equal. */
const tie = 1e-4;

/**
 * L_K = 1/2 (image to text + text to image), the latter on the transposes of both matrices.
 *
 * @param scores [B, B] with B known, rows are images
 * @param relevance [B, B], without gradient
 */
export function rankingLoss(scores: Tensor, relevance: Tensor, ranking: Ranking): Loss {
  const { surrogate } = ranking;
  switch (ranking.form) {
    case 'gap':
      return kendallGap(scores, relevance, ranking.gap, surrogate);
    case 'full':
      return bothWays(scores, relevance, (s, c) => full(s, c, ranking.margin, surrogate));
    case 'window':
      return byRank(scores, relevance, ranking);
  }
}

/**
 * A window looks at ranks, and candidates of equal relevance (most often 0) have no order among themselves. They are put in the
 * order of their scores, one for each direction: then comparing them costs nothing (beyond a margin), and teaches nothing.
 */
function byRank(scores: Tensor, relevance: Tensor, ranking: Extract<Ranking, { form: 'window' }>): Loss {
  const { variant, window, margin, surrogate } = ranking;
  const range = subtract(max(relevance), min(relevance));
  // Where all is equally relevant, scores alone say the order.
  const spread = where(greater(range, 0), range, 1);
  const labels = add(relevance, multiply(stopGradient(scores), multiply(spread, tie)));
  if (variant === 'C') return bothWays(scores, labels, (s, c) => inside(s, c, window, margin, surrogate));
  return kendallWindow(scores, labels, { variant, window, margin, surrogate });
}

function bothWays(scores: Tensor, relevance: Tensor, one: (s: Tensor, c: Tensor) => Tensor): Loss {
  const loss = multiply(add(one(scores, relevance), one(transpose(scores), transpose(relevance))), 0.5);
  return { loss, metrics: {} };
}

/** 2 / (B(B-1)) · mean_i Σ_{(j,k): c_ij > c_ik} [s_ik - s_ij + margin]₊, B³ comparisons. */
function full(s: Tensor, c: Tensor, margin: number, surrogate: Surrogate | undefined): Tensor {
  const size = s.shape[0] as number;
  const differences = (x: Tensor) => subtract(unsqueeze(x, 2), unsqueeze(x, 1));
  const violated = costOf(subtract(margin, differences(s)), surrogate);
  const total = sum(where(greater(differences(c), 0), violated, 0));
  return multiply(total, 2 / (size * size * Math.max(1, size - 1)));
}

/**
 * Variant C: windows of W ranks begin at every W/2-th rank, and each counts its most violated pair:
 *
 *     1/M Σ_w [ max_{p < q in window w} z_q - z_p + margin ]₊               z: scores by descending relevance, M windows
 */
function inside(s: Tensor, c: Tensor, window: number, margin: number, surrogate: Surrogate | undefined): Tensor {
  const size = s.shape[0] as number;
  const ranked = takeAlong(s, topK(c, size, 1).indices, 1);
  const starts = windowStarts(size, window);
  const places = starts.flatMap((start) => Array.from({ length: window }, (_, i) => start + i));
  const z = reshape(gather(transpose(ranked), constant(places, [places.length], 'int32')), [
    starts.length,
    window,
    size,
  ]);
  // The lowest score so far stands against each score below it.
  const lowest = negate(cumulativeMax(negate(z), 1));
  const violations = subtract(slice(z, 1, 1, window), slice(lowest, 1, 0, window - 1));
  return mean(costOf(add(max(violations, 1), margin), surrogate));
}

/** First ranks of the windows of variant C. */
export function windowStarts(size: number, window: number): number[] {
  const stride = Math.max(1, Math.floor(window / 2));
  return Array.from({ length: Math.floor((size - window) / stride) + 1 }, (_, i) => i * stride);
}

/** Windows that leave something to compare in a batch of so many pairs: from `least` to `most`. */
export function windowRange(pairs: number, variant: 'A' | 'B' | 'C'): { least: number; most: number } {
  switch (variant) {
    case 'A':
      return { least: 1, most: pairs - 1 };
    case 'B':
      return { least: 1, most: pairs - 2 };
    case 'C':
      return { least: 2, most: pairs };
  }
}
