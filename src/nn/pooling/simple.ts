/** @file From a sequence of vectors to one: mean, maximum, half of each, mean of the k largest of each dimension. */
import { add, cast, divide, equal, minimum, multiply, subtract, where } from '../../graph/ops/elementwise.ts';
import { maskedLogit, max, sum } from '../../graph/ops/reduce.ts';
import { reshape, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Padded } from '../ragged.ts';

/** x with what stands beyond each length so low that it is never the largest. */
export function lowered({ x, mask }: Padded): Tensor {
  return mask ? where(unsqueeze(mask, -1), x, maskedLogit) : x;
}

/** Mean over the rows of each sequence: [count, width, d] to [count, d]. */
export function meanPool({ x, lengths }: Padded): Tensor {
  return divide(sum(x, 1), perSequence(lengths));
}

/** Largest value of each dimension. */
export function maxPool(group: Padded): Tensor {
  return max(lowered(group), 1);
}

/** Half the mean, half the maximum. */
export function meanMaxPool(group: Padded): Tensor {
  return multiply(add(meanPool(group), maxPool(group)), 0.5);
}

/**
 * Mean of the k largest values of each dimension, or of all if the sequence is shorter.
 *
 * Takes the maximum k times, setting aside what has been taken. Equal values are set aside together, counted, and share their
 * part of the mean; for a small k this is faster than sorting, and its gradient much faster.
 */
export function topKMeanPool(group: Padded, k: number): Tensor {
  const { lengths, x } = group;
  const places = x.shape[1];
  const wanted = unsqueeze(minimum(perSequence(lengths), k), 1);
  let left = lowered(group);
  let open = wanted;
  let total: Tensor | undefined;
  for (let round = 0; round < (typeof places === 'number' ? Math.min(k, places) : k); round++) {
    const top = max(left, 1, true);
    const winners = equal(left, top);
    const taken = minimum(sum(cast(winners, 'float32'), 1, true), open);
    const part = multiply(top, taken);
    total = total ? add(total, part) : part;
    open = subtract(open, taken);
    left = where(winners, maskedLogit, left);
  }
  return reshape(divide(total!, wanted), [x.shape[0], x.shape[2]]);
}

/** Lengths as float32 [count, 1]. */
function perSequence(lengths: Tensor): Tensor {
  return unsqueeze(cast(lengths, 'float32'), 1);
}
