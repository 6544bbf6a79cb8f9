/** @file Distances between embeddings, and how close they make two instances. */
import { add, exp, greater, multiply, sqrt, subtract, where } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/product.ts';
import { sumSquares } from '../../graph/ops/reduce.ts';
import { transpose } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';

/** Squared distances below this are rounding of float32: the points count as one, and no gradient flows between them. */
const rounding = 1e-6;

/**
 *     D_ij = ‖a_i - b_j‖₂ = sqrt(‖a_i‖² + ‖b_j‖² - 2 a_i·b_j)
 *
 * The derivative at 0 is 0: a point is not pushed away from itself.
 *
 * @param a [n, d]
 * @param b [m, d]
 * @returns [n, m]
 */
export function distances(a: Tensor, b: Tensor): Tensor {
  const products = matmul(a, b, { transposeB: true });
  const lengths = add(sumSquares(a, 1, true), transpose(sumSquares(b, 1, true)));
  const squared = subtract(lengths, multiply(products, 2));
  return sqrt(where(greater(squared, rounding), squared, 0));
}

/**
 *     E_ij = exp(-‖a_i - b_j‖₂ / σ)                 HREM "edge weights inside a modality"; eq. 10, not squared
 *
 * @param width σ
 * @returns [n, m] in (0, 1]
 */
export function closeness(a: Tensor, b: Tensor, width: number): Tensor {
  return exp(multiply(distances(a, b), -1 / width));
}
