/** @file Ensembles as one model: the mean of several models' scores is the product of concatenated vectors (HREM "Ensemble"). */
import { multiply } from '../../graph/ops/elementwise.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import { concat } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';

/**
 *     1/K Σ_k v⁽ᵏ⁾·u⁽ᵏ⁾ = [v⁽¹⁾; …; v⁽ᴷ⁾] / sqrt(K) · [u⁽¹⁾; …; u⁽ᴷ⁾] / sqrt(K)
 *
 * So an ensemble is searched like any model: one index of vectors of unit length, of dimension d₁ + … + d_K.
 *
 * @param members one side's pooled vectors [n, d_k] of each model, of any length
 * @returns [n, d₁ + … + d_K], of unit length
 */
export function ensembleEmbedding(members: readonly Tensor[]): Tensor {
  const share = 1 / Math.sqrt(members.length);
  return concat(
    members.map((pooled) => multiply(l2Normalize(pooled), share)),
    1,
  );
}
