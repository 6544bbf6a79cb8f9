/** @file The cross-modal loss of ICC: CLIP's, with what to do about captions of one image and about false negatives. */
import { add, and, cast, divide, multiply, not, or, subtract, where } from '../../graph/ops/elementwise.ts';
import type { Operand } from '../../graph/ops/leaves.ts';
import { logSumExp, maskedLogit, mean, sum } from '../../graph/ops/reduce.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { pairsOf } from '../objectives/relation.ts';

/** Entries that are no negatives; bool [B, B]. The pairs themselves are never left out, whatever it says. */
export interface Dropped {
  /** j is left out of the softmax over the captions of image i. */
  readonly perImage: Tensor;
  /** i is left out of the softmax over the images of caption j. */
  readonly perCaption: Tensor;
}

/** What captions of one image are to each other's images: left out, or positives in equal parts (TCL's `sim_targets`). */
export type Duplicates = 'mask' | 'soft';

/**
 *     z_ij = s · S_ij;   L = 1/2 { mean_i ( log Σ_j e^z_ij - Σ_j y_ij z_ij ) + mean_j ( log Σ_i e^z_ij - Σ_i y_ij z_ij ) }
 *
 * `mask`: y is 1 for the pairs, and other pairs of the image are left out of the sums. `soft`: y_ij = 1 / |{j: id_j = id_i}|.
 *
 * @param scores [B, B] cosines, pairs on the diagonal
 * @param same bool [B, B], from `sameImage`
 * @param scale s
 * @returns scalar
 */
export function crossModal(
  scores: Tensor,
  same: Tensor,
  scale: Operand,
  { duplicates, dropped }: { readonly duplicates: Duplicates; readonly dropped?: Dropped | undefined },
): Tensor {
  const pairs = pairsOf(scores.shape[0]);
  const positive = duplicates === 'soft' ? same : pairs;
  const logits = multiply(scores, scale);
  const hits = cast(positive, 'float32');
  // Symmetric, so that one count serves both directions.
  const own = divide(sum(where(positive, logits, 0), 1), sum(hits, 1));
  const ownOfCaption = divide(sum(where(positive, logits, 0), 0), sum(hits, 0));
  const over = (axis: number, out: Tensor | undefined, positives: Tensor) => {
    const negativesOut = out ? or(same, out) : same;
    const kept = where(and(negativesOut, not(positive)), maskedLogit, logits);
    return mean(subtract(logSumExp(kept, axis), positives));
  };
  return multiply(add(over(1, dropped?.perImage, own), over(0, dropped?.perCaption, ownOfCaption)), 0.5);
}
