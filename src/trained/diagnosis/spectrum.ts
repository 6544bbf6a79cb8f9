/** @file How many directions of the space are in use: singular values of the centred vectors and their effective number. */
import { dot } from '../../evaluation/product.ts';
import { meanOf } from './geometry.ts';

/** Rows that the spectrum is computed from. */
const SAMPLE = 1000;

export interface Spectrum {
  /** Effective rank exp(-sum p ln p), p_i = s_i / sum s (Roy and Vetterli, EUSIPCO 2007); between 1 and `dimension`. */
  readonly effectiveRank: number;
  readonly dimension: number;
  /** Share of the variance in the first 1, 2, … directions. */
  readonly explained: readonly number[];
}

/** @param vectors row-major [n, dimension]; of more than 1,000 rows an even sample counts */
export function spectrumOf(vectors: Float32Array, dimension: number): Spectrum {
  const variances = centredVariances(vectors, dimension);
  const total = variances.reduce((sum, x) => sum + x, 0);
  const singular = variances.map(Math.sqrt);
  const sum = singular.reduce((all, x) => all + x, 0);
  const entropy = singular.reduce((all, x) => all - (x > 0 ? (x / sum) * Math.log(x / sum) : 0), 0);
  let reached = 0;
  const explained = variances.map((x) => {
    reached += x;
    return total === 0 ? 1 : reached / total;
  });
  return { effectiveRank: sum === 0 ? 1 : Math.exp(entropy), dimension, explained };
}

/** Squared singular values of the centred rows, highest first: eigenvalues of the smaller of X^T X and X X^T. */
function centredVariances(vectors: Float32Array, dimension: number): number[] {
  const rows = vectors.length / dimension;
  const size = Math.min(SAMPLE, rows);
  const mean = meanOf(vectors, dimension);
  const centred = new Float32Array(size * dimension);
  for (let i = 0; i < size; i++) {
    const from = Math.floor((i * rows) / size) * dimension;
    for (let j = 0; j < dimension; j++) centred[i * dimension + j] = vectors[from + j] - mean[j];
  }
  const side = Math.min(size, dimension);
  const [flat, depth] = size <= dimension ? [centred, dimension] : [transposed(centred, size, dimension), size];
  const gram = new Float64Array(side * side);
  for (let i = 0; i < side; i++) {
    for (let j = 0; j <= i; j++) {
      const product = dot(flat, i, flat, j, depth);
      gram[i * side + j] = product;
      gram[j * side + i] = product;
    }
  }
  return eigenvalues(gram, side).map((x) => Math.max(0, x));
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = matrix[i * columns + j];
  return out;
}

/** Eigenvalues of a symmetric matrix, highest first. The matrix is overwritten. */
export function eigenvalues(matrix: Float64Array, size: number): number[] {
  const { diagonal, beside } = tridiagonal(matrix, size);
  const square = beside.map((x) => x * x);
  // All eigenvalues lie within the circles of Gershgorin.
  const radius = (i: number): number => Math.abs(beside[i - 1] ?? 0) + Math.abs(beside[i] ?? 0);
  const low = Math.min(...diagonal.map((x, i) => x - radius(i)));
  const high = Math.max(...diagonal.map((x, i) => x + radius(i)));
  return Array.from({ length: size }, (_, i) => bisect(diagonal, square, size - 1 - i, low, high));
}

/** Householder: A <- H A H with H = I - 2 v v^T, column by column, until only the diagonal and its neighbours are left. */
function tridiagonal(a: Float64Array, n: number): { diagonal: number[]; beside: number[] } {
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  const beside: number[] = [];
  for (let k = 0; k + 1 < n; k++) {
    let square = 0;
    for (let i = k + 1; i < n; i++) square += a[i * n + k] ** 2;
    const length = Math.sqrt(square);
    const head = a[(k + 1) * n + k];
    const target = head > 0 ? -length : length;
    beside.push(target);
    const norm = Math.sqrt(2 * length * (length + Math.abs(head)));
    if (norm === 0) continue;
    for (let i = k + 1; i < n; i++) v[i] = (a[i * n + k] - (i === k + 1 ? target : 0)) / norm;
    let inner = 0;
    for (let i = k + 1; i < n; i++) {
      w[i] = 0;
      for (let j = k + 1; j < n; j++) w[i] += a[i * n + j] * v[j];
      inner += v[i] * w[i];
    }
    for (let i = k + 1; i < n; i++) w[i] -= inner * v[i];
    for (let i = k + 1; i < n; i++) {
      for (let j = k + 1; j < n; j++) a[i * n + j] -= 2 * (v[i] * w[j] + w[i] * v[j]);
    }
  }
  return { diagonal: Array.from({ length: n }, (_, i) => a[i * n + i]), beside };
}

/** The eigenvalue with `index` others below it, by halving: Sturm's sequence counts those below a number. */
function bisect(
  diagonal: readonly number[],
  square: readonly number[],
  index: number,
  low: number,
  high: number,
): number {
  let [from, to] = [low, high];
  for (let step = 0; step < 60; step++) {
    const middle = (from + to) / 2;
    if (below(diagonal, square, middle) > index) to = middle;
    else from = middle;
  }
  return (from + to) / 2;
}

function below(diagonal: readonly number[], square: readonly number[], x: number): number {
  let count = 0;
  let pivot = 1;
  for (let i = 0; i < diagonal.length; i++) {
    pivot = diagonal[i] - x - (i === 0 ? 0 : square[i - 1] / pivot);
    // A pivot of zero stands for one just below it.
    if (pivot === 0) pivot = -Number.MIN_VALUE;
    if (pivot < 0) count++;
  }
  return count;
}
