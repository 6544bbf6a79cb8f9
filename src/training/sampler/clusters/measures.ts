/** @file Whether clusters help: how similar batch mates are, and whether the embedding still fills its space. */
import { plainProduct } from '../../../evaluation/product.ts';
import { Random } from '../../../random/random.ts';
import type { PartVectors } from './pair-vectors.ts';

/**
 * Mean score of an image with a caption of another pair of its batch:
 *
 *     ( Σ_i v_i · Σ_j u_j - Σ_i v_i·u_i ) / ( B (B - 1) ),  averaged over batches
 *
 * @param batches numbers of captions; each brings its image
 */
export function negativeScore(vectors: PartVectors, batches: readonly Int32Array[]): number {
  const { images, captions, dimension, imageOfCaption } = vectors;
  let total = 0;
  for (const batch of batches) {
    const [v, u] = [new Float64Array(dimension), new Float64Array(dimension)];
    let pairs = 0;
    for (const caption of batch) {
      const [i, c] = [imageOfCaption[caption] * dimension, caption * dimension];
      for (let k = 0; k < dimension; k++) {
        v[k] += images[i + k];
        u[k] += captions[c + k];
        pairs += images[i + k] * captions[c + k];
      }
    }
    const all = v.reduce((sum, x, k) => sum + x * u[k], 0);
    total += (all - pairs) / (batch.length * (batch.length - 1));
  }
  return total / batches.length;
}

/** μ: mean score of any image with any caption, the product of both means. */
export function randomScore({ images, captions, dimension }: PartVectors): number {
  const mean = (rows: Float32Array) => {
    const sums = new Float64Array(dimension);
    rows.forEach((x, at) => {
      sums[at % dimension] += x;
    });
    return sums.map((x) => (x * dimension) / rows.length);
  };
  const [v, u] = [mean(images), mean(captions)];
  return v.reduce((sum, x, k) => sum + x * u[k], 0);
}

export interface Spread {
  /** (tr C)² / tr C² of the uncentred covariance C: how many dimensions are in use, from 1 to d. */
  readonly rank: number;
  /** log mean e^(-2 |x - y|²) over pairs (Wang and Isola 2020): near 0 if all vectors are one, about -4 if they fill the sphere. */
  readonly uniformity: number;
}

/** Vectors that are looked at. */
const looked = 1024;

/** How a set of unit vectors fills its space, by a random part of it. */
export function spreadOf(vectors: Float32Array, dimension: number, seed: number): Spread {
  const count = vectors.length / dimension;
  const order = new Random('spread', seed).shuffle(Int32Array.from({ length: count }, (_, i) => i)).subarray(0, looked);
  const n = order.length;
  const rows = new Float32Array(n * dimension);
  order.forEach((vector, row) => {
    rows.set(vectors.subarray(vector * dimension, (vector + 1) * dimension), row * dimension);
  });
  const cosines = new Float32Array(n * n);
  plainProduct(rows, rows, { rows: n, columns: n, depth: dimension }, cosines);
  let [squares, kernel] = [0, 0];
  cosines.forEach((cosine, at) => {
    squares += cosine * cosine;
    if (at % (n + 1) !== 0) kernel += Math.exp(4 * cosine - 4);
  });
  // The Gram matrix has the eigenvalues of the covariance; its trace is n.
  return { rank: (n * n) / squares, uniformity: Math.log(kernel / (n * (n - 1))) };
}
