/** @file Vectors as rows of one array. */

/** Length of a vector, ‖x‖₂. */
export function lengthOf(vector: Float32Array | Float64Array): number {
  let square = 0;
  for (const x of vector) square += x * x;
  return Math.sqrt(square);
}

/**
 * Brings rows to unit length, in place; zeros stay zeros.
 *
 * @param rows [count, dimension]
 * @returns whether each row had a length
 */
export function normaliseRows(rows: Float32Array, dimension: number): boolean[] {
  return Array.from({ length: rows.length / dimension }, (_, row) => {
    const vector = rows.subarray(row * dimension, (row + 1) * dimension);
    const length = lengthOf(vector);
    if (length > 0) for (let k = 0; k < dimension; k++) vector[k] /= length;
    return length > 0;
  });
}

/** Arrays one after the other; a single one comes back as it is. */
export function joined<A extends Float32Array | Uint16Array>(parts: readonly A[]): A {
  if (parts.length === 1) return parts[0];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = (parts[0] instanceof Uint16Array ? new Uint16Array(length) : new Float32Array(length)) as A;
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
