/** @file Questions to a bundle's vectors with another weight of the concept branch than they were made with. */
import { changeableShare, reweighQuery } from '../methods/coder/reweigh.ts';

/**
 * What is compared with the vectors of an index in place of a query's unit vector, so that scores are those of another beta;
 * nothing is encoded or indexed again.
 *
 * @param model its name, for the message
 * @param made share of the second half and length of the vectors, as the bundle tells them
 * @param beta from 0 (the instance alone) to 1 (its concepts alone)
 * @throws DIPTYCH_CODER_BETA where the model has no concept branch, or its own beta left out one half
 */
export function reweighing(
  model: string,
  made: { readonly share?: number | undefined; readonly dimension: number },
  beta: number,
): (query: Float32Array) => Float32Array {
  const indexed = changeableShare(model, made.share);
  return (query) => reweighQuery(query, made.dimension, indexed, beta);
}
