/** @file Inner products of one query with many rows: the loop in which a search spends its time. */

/**
 * out[j] = sum_i query[i] * vectors[rows[first + j] * dimension + i], for j < count.
 *
 * Eight rows share each number of the query that is loaded, and have eight sums that do not wait for each other; a
 * row's own sum runs over i in order, in float64, so that its score does not depend on the rows beside it.
 *
 * @param vectors row-major [n, dimension]
 * @param rows which rows; `count` of them from `first` on
 */
export function innerProducts(
  vectors: Float32Array,
  dimension: number,
  query: Float64Array,
  rows: Int32Array,
  first: number,
  count: number,
  out: Float64Array,
): void {
  let j = 0;
  for (; j + 8 <= count; j += 8) {
    const at = first + j;
    const a = rows[at] * dimension;
    const b = rows[at + 1] * dimension;
    const c = rows[at + 2] * dimension;
    const d = rows[at + 3] * dimension;
    const e = rows[at + 4] * dimension;
    const f = rows[at + 5] * dimension;
    const g = rows[at + 6] * dimension;
    const h = rows[at + 7] * dimension;
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    let sumE = 0;
    let sumF = 0;
    let sumG = 0;
    let sumH = 0;
    for (let i = 0; i < dimension; i++) {
      const q = query[i];
      sumA += q * vectors[a + i];
      sumB += q * vectors[b + i];
      sumC += q * vectors[c + i];
      sumD += q * vectors[d + i];
      sumE += q * vectors[e + i];
      sumF += q * vectors[f + i];
      sumG += q * vectors[g + i];
      sumH += q * vectors[h + i];
    }
    out[j] = sumA;
    out[j + 1] = sumB;
    out[j + 2] = sumC;
    out[j + 3] = sumD;
    out[j + 4] = sumE;
    out[j + 5] = sumF;
    out[j + 6] = sumG;
    out[j + 7] = sumH;
  }
  for (; j < count; j++) {
    const a = rows[first + j] * dimension;
    let sum = 0;
    for (let i = 0; i < dimension; i++) sum += query[i] * vectors[a + i];
    out[j] = sum;
  }
}
