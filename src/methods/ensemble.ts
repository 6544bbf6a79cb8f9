/** @file Ensembles as one model: the mean of several models' scores is the product of concatenated vectors (HREM "Ensemble"). */
import { multiply } from '../graph/ops/elementwise.ts';
import { concat } from '../graph/ops/shape.ts';
import type { Tensor } from '../graph/tensor.ts';

/**
 *     1/K Σ_k v⁽ᵏ⁾·u⁽ᵏ⁾ = [v⁽¹⁾; …; v⁽ᴷ⁾] / sqrt(K) · [u⁽¹⁾; …; u⁽ᴷ⁾] / sqrt(K)
 *
 * So an ensemble is searched like any model: one index of vectors of unit length, of dimension d₁ + … + d_K. One model is itself.
 *
 * @param members one side's unit vectors [n, d_k] of each model
 * @returns [n, d₁ + … + d_K], of unit length
 */
export function ensembleEmbedding(members: readonly Tensor[]): Tensor {
  if (members.length === 1) return members[0];
  const share = 1 / Math.sqrt(members.length);
  return concat(
    members.map((vectors) => multiply(vectors, share)),
    1,
  );
}
