/** @file How probably each negative is drawn: what `drawNegatives` follows without ever computing it. */
import { add, divide, exp, where } from '../../../graph/ops/elementwise.ts';
import { sum } from '../../../graph/ops/reduce.ts';
import type { Tensor } from '../../../graph/tensor.ts';
import type { Candidates } from '../sampling.ts';

/** p = w / (Σ w + 1e-20) [..., B, B]: probability of each negative; a row of zeros where none may be drawn. */
export function probabilities({ logWeights, allowed }: Candidates): Tensor {
  const weights = where(allowed, exp(logWeights), 0);
  return divide(weights, add(sum(weights, -1, true), 1e-20));
}
