/** @file NT-Xent between two views of the same items (SimCLR, Chen et al. 2020, eq. 1), items of the same image masked. */
import { add, multiply, subtract, where } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/product.ts';
import { logSumExp, maskedLogit, mean, sum } from '../../graph/ops/reduce.ts';
import { concat, transpose } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { countTrue, type Objective, twinsOf } from './relation.ts';

/**
 * Over the 2B vectors x of both views, the other view of x_i being x_p:
 *
 *     L = 1/(2B) Σ_i ( log Σ_{j ≠ i} e^(x_i·x_j / T) - x_i·x_p / T )        j ≠ p of the same image left out
 *
 * @param a [B, d], unit vectors
 * @param b [B, d], unit vectors: the other view of each
 * @param same bool [B, B], from `sameImage`
 * @param temperature T
 */
export function ntXent(a: Tensor, b: Tensor, same: Tensor, temperature: number): Objective {
  const twins = twinsOf(same);
  const scores = (x: Tensor, y: Tensor) => multiply(matmul(x, y, { transposeB: true }), 1 / temperature);
  const across = where(twins, maskedLogit, scores(a, b));
  // Within one view the item itself is left out too: it is on the diagonal of `same`.
  const within = (x: Tensor) => where(same, maskedLogit, scores(x, x));
  const totals = [
    logSumExp(concat([across, within(a)], 1), 1),
    logSumExp(concat([transpose(across), within(b)], 1), 1),
  ];
  const pairs = sum(multiply(a, b), 1);
  return {
    loss: subtract(multiply(add(mean(totals[0]), mean(totals[1])), 0.5), multiply(mean(pairs), 1 / temperature)),
    metrics: { positiveScore: mean(pairs), maskedNegatives: countTrue(twins) },
  };
}
