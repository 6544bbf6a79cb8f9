/** @file One vector for a picture that was seen in several views. */
import { normaliseRows } from '../vectors.ts';

/**
 * The mean direction of some views:  v = Σ_k v_k / ‖ Σ_k v_k ‖  for unit vectors v_k, row by row.
 *
 * Crops show what the whole picture shows too small, and errors of single views cancel (multi-crop testing, Krizhevsky et al. 2012).
 *
 * @param views each [rows, dimension], of unit rows; one view comes back as it is
 * @returns [rows, dimension]; rows whose views cancel out stay zero
 */
export function viewMean(views: readonly Float32Array[], dimension: number): Float32Array {
  if (views.length === 1) return views[0];
  const mean = new Float32Array(views[0].length);
  for (const view of views) for (let i = 0; i < mean.length; i++) mean[i] += view[i];
  normaliseRows(mean, dimension);
  return mean;
}

/** The views of a vector that holds them one after the other. */
export function splitViews(joined: Float32Array, dimension: number): Float32Array[] {
  const count = joined.length / dimension;
  return Array.from({ length: count }, (_, k) => joined.subarray(k * dimension, (k + 1) * dimension));
}
