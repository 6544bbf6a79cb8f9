/**
 * @file The contrast inside one modality after TCL (Yang et al. 2022), in place of NT-Xent: the second view goes through a momentum
 * copy of the tower, further negatives wait in a queue, and an item is contrasted with fragments too.
 */
import { addDims } from '../../graph/dims.ts';
import {
  add,
  cast,
  equal,
  greater,
  multiply,
  or,
  softplus,
  stopGradient,
  subtract,
  where,
} from '../../graph/ops/elementwise.ts';
import { iota, type Operand } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { l2Normalize, logSumExp, maskedLogit, maskedMean, mean, sum } from '../../graph/ops/reduce.ts';
import { concat, expand, reshape, split } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type Ragged, type RaggedLayout, unpadGroups } from '../../nn/ragged.ts';
import { twinsOf } from '../objectives/relation.ts';

/** Keys that a view is contrasted with; no gradient. */
export interface MomentumKeys {
  /** [B, d], unit vectors, in the order of the pairs. */
  readonly batch: Tensor;
  /** [L, d], unit vectors. */
  readonly queue: Tensor;
  /** bool [B, L]: entries of the same image. */
  readonly queued: Tensor;
  /** Regions or words [rows, d] of the second view. */
  readonly fragments: Ragged;
  /** int32 [B]: where pair i stands among the sequences of `fragments`; the same place unless given. */
  readonly place?: Tensor | undefined;
}

/**
 * Half of TCL's two terms of one modality, so that with weights of 1 the sum of ICC is three times the mean of TCL's six:
 *
 *     L = 1/2 { mean_i ( log Σ_k e^(s x_i·k) - s x_i·k_i )                          k: keys of the batch and of the queue
 *             + mean_i 1/n_i Σ_{f of i} ( log( e^(s x_i·f) + Σ_{g of others} e^(s x_i·g) ) - s x_i·f ) }
 *
 * f, g: fragments of the second view by the momentum copy, of unit length.
 *
 * @param x [B, d], unit vectors of the first view
 * @param same bool [B, B], from `sameImage`, with what a guard drops: no negatives
 * @param scale s
 */
export function momentumContrast(x: Tensor, same: Tensor, keys: MomentumKeys, scale: Operand): Tensor {
  return multiply(add(globalTerm(x, same, keys, scale), localTerm(x, same, keys, scale)), 0.5);
}

function globalTerm(x: Tensor, same: Tensor, { batch, queue, queued }: MomentumKeys, scale: Operand): Tensor {
  const against = (list: Tensor) => multiply(matmul(x, stopGradient(list), { transposeB: true }), scale);
  const out = concat([twinsOf(same), queued], 1);
  const logits = where(out, maskedLogit, concat([against(batch), against(queue)], 1));
  const own = multiply(sum(multiply(x, stopGradient(batch)), 1), scale);
  return mean(subtract(logSumExp(logits, 1), own));
}

function localTerm(x: Tensor, same: Tensor, { fragments, place }: MomentumKeys, scale: Operand): Tensor {
  const [pairs, rows] = [x.shape[0], fragments.rows.shape[0]];
  const places = place ?? iota(pairs);
  const of = reshape(sequenceOfRows(fragments.layout), [1, rows]);
  // bool [B, rows]: which fragments are of pair i, and which are of its image.
  const own = equal(reshape(cast(places, 'float32'), [pairs, 1]), of);
  const related = greater(matmul(cast(same, 'float32'), cast(own, 'float32')), 0);
  const logits = multiply(matmul(x, stopGradient(l2Normalize(fragments.rows)), { transposeB: true }), scale);
  const negatives = logSumExp(where(or(own, related), maskedLogit, logits), 1, true);
  // log(e^p + e^n) - p = softplus(n - p)
  return mean(maskedMean(softplus(subtract(negatives, logits)), own, 1));
}

/** float32 [rows]: the number of the sequence that each row belongs to. */
function sequenceOfRows(layout: RaggedLayout): Tensor {
  const counts = layout.groups.map(({ count }) => count);
  const numbers = split(cast(iota(counts.reduce(addDims)), 'float32'), 0, counts);
  const spread = layout.groups.map(({ count, width }, i) => expand(reshape(numbers[i], [count, 1]), [count, width]));
  return unpadGroups(spread, layout);
}
