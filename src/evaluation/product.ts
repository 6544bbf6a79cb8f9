/** @file Inner products of rows in plain TypeScript: the arithmetic behind every score. */

/** Rows, columns and depth of a product. */
export interface ProductShape {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/**
 * Writes out[i, j] = sum_k a[i, k] b[j, k]. All row-major and dense: a [rows, depth], b [columns, depth],
 * out [rows, columns].
 *
 * Ties are exact only if each element depends on its two vectors alone, not on where they stand in the block: equal
 * captions must get equal scores. `plainProduct` promises that; say so of any other product that is put in its place.
 */
export type ScoreProduct = (
  a: Float32Array,
  b: Float32Array,
  shape: ProductShape,
  out: Float32Array,
) => void | Promise<void>;

/** Side of the square of dot products that are carried in registers at once. */
const side = 4;

/**
 * The product in plain TypeScript. Each element is summed in float64, from k = 0 upwards, and rounded to float32 once:
 * in JavaScript that is both more exact than float32 sums and three times as fast (no rounding after each term), and
 * the square kernel and the edge do the same arithmetic, so that an element does not depend on its place.
 */
export function plainProduct(a: Float32Array, b: Float32Array, shape: ProductShape, out: Float32Array): void {
  const { rows, columns, depth } = shape;
  const squareRows = rows - (rows % side);
  const squareColumns = columns - (columns % side);
  for (let i = 0; i < squareRows; i += side) {
    for (let j = 0; j < squareColumns; j += side)
      square(a, i * depth, b, j * depth, depth, out, i * columns + j, columns);
  }
  for (let i = 0; i < rows; i++) {
    for (let j = i < squareRows ? squareColumns : 0; j < columns; j++) {
      out[i * columns + j] = dot(a, i, b, j, depth);
    }
  }
}

/** sum_k a[i, k] b[j, k] in float64, not rounded: row i of a [.., depth], row j of b [.., depth]. */
export function dot(a: Float32Array, i: number, b: Float32Array, j: number, depth: number): number {
  const p = i * depth;
  const q = j * depth;
  let sum = 0;
  for (let k = 0; k < depth; k++) sum += a[p + k] * b[q + k];
  return sum;
}

/** Sixteen dot products of four rows of a with four of b: eight loads for sixteen products. */
function square(
  a: Float32Array,
  a0: number,
  b: Float32Array,
  b0: number,
  depth: number,
  out: Float32Array,
  o0: number,
  stride: number,
): void {
  const a1 = a0 + depth;
  const a2 = a1 + depth;
  const a3 = a2 + depth;
  const b1 = b0 + depth;
  const b2 = b1 + depth;
  const b3 = b2 + depth;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
  for (let k = 0; k < depth; k++) {
    const x0 = a[a0 + k];
    const x1 = a[a1 + k];
    const x2 = a[a2 + k];
    const x3 = a[a3 + k];
    const y0 = b[b0 + k];
    const y1 = b[b1 + k];
    const y2 = b[b2 + k];
    const y3 = b[b3 + k];
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  const o1 = o0 + stride;
  const o2 = o1 + stride;
  const o3 = o2 + stride;
  out[o0] = s00;
  out[o0 + 1] = s01;
  out[o0 + 2] = s02;
  out[o0 + 3] = s03;
  out[o1] = s10;
  out[o1 + 1] = s11;
  out[o1 + 2] = s12;
  out[o1 + 3] = s13;
  out[o2] = s20;
  out[o2 + 1] = s21;
  out[o2 + 2] = s22;
  out[o2 + 3] = s23;
  out[o3] = s30;
  out[o3 + 1] = s31;
  out[o3 + 2] = s32;
  out[o3 + 3] = s33;
}
