/** @file The packed GRU as one operator. */
import { apply } from '../apply.ts';
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
