/** @file Another weight of the concept branch for vectors that are there already: their two halves in other shares. */
import { DiptychError } from '../../errors/error.ts';

/**
 * The share of a model's concept branch, where it can be changed.
 *
 * @param model its name, for the message
 * @throws DIPTYCH_CODER_BETA without such a branch, and where a weight of 0 or 1 left out one half
 */
export function changeableShare(model: string, share: number | undefined): number {
  if (share !== undefined && share > 0 && share < 1) return share;
  const reason = share === undefined ? 'it has no concept branch' : `a weight of ${share} left out one half`;
  throw new DiptychError('DIPTYCH_CODER_BETA', { model, reason });
}

/**
 * Another β at search time without encoding or indexing anything again: a query with both halves re-scaled, whose inner product
 * with vectors of β `indexed` is the score of β `wanted`.
 *
 *     [ (1-β')/√(1-β) · f ; β'/√β · u^c ]        from the query [ √(1-β) f ; √β u^c ]
 *
 * @param query vectors of β `indexed`, one or several, one behind the other
 * @param dimension of a vector, both halves
 * @param indexed above 0 and below 1: at the ends one half was lost
 */
export function reweighQuery(query: Float32Array, dimension: number, indexed: number, wanted: number): Float32Array {
  return scaledHalves(query, dimension, sharesBy(indexed, wanted));
}

/** Vectors of β `indexed` as vectors of β `wanted`: unit length again. */
export function reweighVectors(
  vectors: Float32Array,
  dimension: number,
  indexed: number,
  wanted: number,
): Float32Array {
  return scaledHalves(vectors, dimension, sharesBy(indexed, wanted).map(Math.sqrt));
}

/** How many times its former share each half counts. */
function sharesBy(indexed: number, wanted: number): number[] {
  return [(1 - wanted) / (1 - indexed), wanted / indexed];
}

function scaledHalves(vectors: Float32Array, dimension: number, [first, second]: readonly number[]): Float32Array {
  return vectors.map((x, i) => x * (i % dimension < dimension / 2 ? first : second));
}
