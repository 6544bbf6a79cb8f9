/** @file Vectors seen along the few directions in which they differ most: enough to rule most pairs out. */

import { Random } from '../../random/random.ts';
import { innerProducts } from '../flat/kernel.ts';

/** Rows that the directions are found from. */
const SAMPLE = 2048;
/** Rounds of the power iteration; any orthonormal directions give right answers, better ones sooner. */
const ROUNDS = 4;

/**
 * Coordinates p of each vector x along orthonormal directions, and the length r of what they leave out:
 *
 *   x . y = p_x . p_y + (rest of x) . (rest of y) <= p_x . p_y + r_x r_y        (Cauchy and Schwarz)
 */
export interface Projection {
  /** Numbers of `coordinates` to a row. */
  readonly width: number;
  readonly coordinates: Float32Array;
  readonly rests: Float32Array;
}

/** Added to squared lengths of rests, so that rounding never makes the bound too low. */
const ROUNDING = 1e-6;

/** @param vectors row-major [n, dimension] of unit length @param width how many directions, `dimension` at most */
export function project(vectors: Float32Array, dimension: number, width = 32): Projection {
  const count = vectors.length / dimension;
  const directions = principalDirections(vectors, dimension, Math.min(width, dimension));
  const own = directions.length / dimension;
  const coordinates = new Float32Array(count * own);
  const rests = new Float32Array(count);
  const places = Int32Array.from({ length: own }, (_, i) => i);
  const products = new Float64Array(own);
  for (let row = 0; row < count; row++) {
    const vector = Float64Array.from(vectors.subarray(row * dimension, (row + 1) * dimension));
    innerProducts(directions, dimension, vector, places, 0, own, products);
    coordinates.set(products, row * own);
    rests[row] = Math.sqrt(Math.max(0, squareOf(vector) - squareOf(products)) + ROUNDING);
  }
  return { width: own, coordinates, rests };
}

/**
 * Orthonormal directions of much variance, by power iteration of X^T X with all of them at once.
 *
 * @returns row-major [width, dimension]; fewer rows where the vectors lie in fewer directions
 */
function principalDirections(vectors: Float32Array, dimension: number, width: number): Float32Array {
  const count = vectors.length / dimension;
  const size = Math.min(SAMPLE, count);
  const sample = Int32Array.from({ length: size }, (_, i) => Math.floor((i * count) / size));
  const random = new Random('directions');
  let directions = orthonormal(
    Float64Array.from({ length: width * dimension }, () => random.normal()),
    dimension,
  );
  const weights = new Float64Array(size);
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(directions.length);
    for (let from = 0; from < next.length; from += dimension) {
      innerProducts(vectors, dimension, directions.slice(from, from + dimension), sample, 0, size, weights);
      for (let j = 0; j < size; j++) {
        const at = sample[j] * dimension;
        for (let i = 0; i < dimension; i++) next[from + i] += weights[j] * vectors[at + i];
      }
    }
    directions = orthonormal(next, dimension);
  }
  return Float32Array.from(directions);
}

/** The rows made orthonormal one after the other (Gram and Schmidt, twice for accuracy); those that vanish go. */
function orthonormal(rows: Float64Array, dimension: number): Float64Array {
  const kept: Float64Array[] = [];
  for (let from = 0; from < rows.length; from += dimension) {
    const row = rows.slice(from, from + dimension);
    const before = Math.sqrt(squareOf(row));
    for (const other of [...kept, ...kept]) {
      const share = other.reduce((sum, x, i) => sum + x * row[i], 0);
      for (let i = 0; i < dimension; i++) row[i] -= share * other[i];
    }
    const length = Math.sqrt(squareOf(row));
    if (length > 1e-8 * before) kept.push(row.map((x) => x / length));
  }
  const packed = new Float64Array(kept.length * dimension);
  kept.forEach((row, i) => {
    packed.set(row, i * dimension);
  });
  return packed;
}

function squareOf(vector: Float64Array): number {
  return vector.reduce((sum, x) => sum + x * x, 0);
}
