/** @file The packed GRU as one operator. */
import { apply, applyOne } from '../apply.ts';
import type { Tensor } from '../tensor.ts';

/**
 * A GRU over packed, time-major rows: rows of step t are the captions still running, longest first, so no product is spent on
 * padding. Row j of step t continues row j of step t - 1; the state before the first step is zero.
 *
 * @param gates [rows, 3 d]: input gates r, z, n of every row (x Wᵀ + b, one product for all rows)
 * @param recurrent [3 d, d]: weight of the hidden gates
 * @param bias [3 d]: bias of the hidden gates
 * @param counts int32 [steps]: captions running at each step, never increasing; their sum is `rows`
 * @returns states [rows, d]
 */
export function gru(gates: Tensor, recurrent: Tensor, bias: Tensor, counts: Tensor): Tensor {
  return apply('gru', [gates, recurrent, bias, counts], { steps: counts.shape[0] as number })[0];
}

/**
 * The same recurrence over padded sequences, for graphs that leave Diptych and take plain padded input. It has no gradient.
 *
 * @param x [batch, steps, in]
 * @param weights input weight [3 d, in], recurrent weight [3 d, d], their biases [3 d]; gates r, z, n
 * @param lengths int32 [batch]
 * @param reverse runs from the end of each sequence to its beginning
 * @returns states [batch, steps, d], zero beyond each length
 */
export function gruPadded(
  x: Tensor,
  weights: { inputWeight: Tensor; recurrent: Tensor; inputBias: Tensor; bias: Tensor },
  lengths: Tensor,
  reverse: boolean,
): Tensor {
  const { inputWeight, recurrent, inputBias, bias } = weights;
  return applyOne('gruPadded', [x, inputWeight, recurrent, inputBias, bias, lengths], { reverse });
}
