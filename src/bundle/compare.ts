/** @file How far two sets of vectors are apart. */

/** Vectors of two sources, compared. */
export interface Comparison {
  readonly count: number;
  /** Largest absolute difference of two numbers. */
  readonly difference: number;
  /** Smallest cosine of two vectors. */
  readonly cosine: number;
}

/** Compares rows. NaN in either is NaN in the result. */
export function compare(a: Float32Array, b: Float32Array, dimension: number): Comparison {
  const count = a.length / dimension;
  let difference = 0;
  let cosine = 1;
  for (let row = 0; row < count; row++) {
    let [product, squareA, squareB] = [0, 0, 0];
    for (let i = row * dimension; i < (row + 1) * dimension; i++) {
      const apart = Math.abs(a[i] - b[i]);
      if (apart > difference || Number.isNaN(apart)) difference = apart;
      product += a[i] * b[i];
      squareA += a[i] * a[i];
      squareB += b[i] * b[i];
    }
    const alike = product / Math.sqrt(squareA * squareB);
    if (alike < cosine || Number.isNaN(alike)) cosine = alike;
  }
  return { count, difference, cosine };
}
