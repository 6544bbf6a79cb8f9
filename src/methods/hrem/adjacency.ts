/** @file Who is a neighbour of whom: the strongest relations of each instance. */
import { DiptychError } from '../../errors/error.ts';
import { greaterOrEqual, stopGradient } from '../../graph/ops/elementwise.ts';
import { topK } from '../../graph/ops/indexing.ts';
import { slice } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';

/**
 *     top(X)_ij = X_ij ≥ (k-th largest of row i),  k = floor(ρ B)
 *
 * Equal values at the border are all kept, so a row may hold more than k neighbours. No gradient.
 *
 * @param relations [B, B]; the row is the instance that is updated, the column its neighbour
 * @param density ρ, the share of the batch that each instance is linked to
 * @returns bool [B, B]
 * @throws DIPTYCH_HREM_DENSITY if no neighbour would be left, or more than there are
 */
export function strongest(relations: Tensor, density: number): Tensor {
  const pairs = relations.shape[1] as number;
  const k = Math.floor(density * pairs);
  if (k < 1 || k > pairs) throw new DiptychError('DIPTYCH_HREM_DENSITY', { density, pairs });
  const x = stopGradient(relations);
  return greaterOrEqual(x, slice(topK(x, k, 1).values, 1, k - 1, k));
}
