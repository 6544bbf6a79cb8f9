/** @file Where the vectors of both kinds lie on the sphere: gap, alignment, uniformity. */
import { dot } from '../../evaluation/product.ts';

/** Vectors that uniformity is computed from: two million pairs. */
const SAMPLE = 2000;

/** Mean of the rows, [dimension]. */
export function meanOf(vectors: Float32Array, dimension: number): Float64Array {
  const mean = new Float64Array(dimension);
  const rows = vectors.length / dimension;
  for (let at = 0; at < vectors.length; at++) mean[at % dimension] += vectors[at] / rows;
  return mean;
}

/**
 * The modality gap ||mean of images - mean of captions|| (Liang et al., "Mind the Gap", NeurIPS 2022): 0 where both kinds
 * fill the same place, 2 where they lie in two opposite points.
 */
export function modalityGap(images: Float32Array, captions: Float32Array, dimension: number): number {
  const [a, b] = [meanOf(images, dimension), meanOf(captions, dimension)];
  return Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0));
}

/**
 * Alignment E ||x - y||^2 over images and their captions (Wang and Isola, ICML 2020, eq. 1 with alpha = 2): 0 where they
 * are the same, 2 where they have nothing in common.
 */
export function alignment(
  { images, captions, dimension }: { images: Float32Array; captions: Float32Array; dimension: number },
  imageOf: Int32Array,
): number {
  let sum = 0;
  for (let c = 0; c < imageOf.length; c++) sum += 2 - 2 * dot(images, imageOf[c], captions, c, dimension);
  return sum / imageOf.length;
}

/**
 * Uniformity ln E exp(-2 ||x - y||^2) over pairs of different rows (Wang and Isola, eq. 2 with t = 2): 0 where all are one
 * point, towards -4 where they are spread over a sphere of many dimensions.
 *
 * @param vectors of unit length; of more than 2,000 rows an even sample counts
 */
export function uniformity(vectors: Float32Array, dimension: number): number {
  const rows = vectors.length / dimension;
  const size = Math.min(SAMPLE, rows);
  const at = Array.from({ length: size }, (_, i) => Math.floor((i * rows) / size));
  let sum = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) sum += Math.exp(4 * (dot(vectors, at[i], vectors, at[j], dimension) - 1));
  }
  return Math.log(sum / ((size * (size - 1)) / 2));
}
