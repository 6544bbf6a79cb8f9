/** @file The nearest of the vectors seen so far, exactly, without looking at most of them. */
import { innerProducts } from '../flat/kernel.ts';
import { Cells } from './cells.ts';
import { type Projection, project } from './projection.ts';

/** How far rounding may move a bound. */
const SLACK = 1e-6;

/** Rows of one cell. */
interface Bin {
  rows: Int32Array;
  count: number;
}

export interface Neighbour {
  readonly row: number;
  /** Inner product. */
  readonly score: number;
}

/**
 * Finds the row with the highest inner product among those that were added, if it reaches a threshold t. Unit vectors
 * with x . y >= t are at most r = sqrt(2 - 2t) apart, and so are their projections: whole cells are passed over, then
 * rows whose projections bound the product below t. What is left is computed as a search of the flat store does.
 */
export class Nearby {
  private readonly vectors: Float32Array;
  private readonly dimension: number;
  private readonly projection: Projection;
  private readonly cells: Cells;
  private readonly bins: Bin[];
  private readonly own: Int32Array;
  private bounds = new Float64Array(256);
  private left = new Int32Array(256);

  /** @param vectors row-major [n, dimension], of unit length; none is added yet */
  constructor(vectors: Float32Array, dimension: number) {
    const rows = vectors.length / dimension;
    this.vectors = vectors;
    this.dimension = dimension;
    this.projection = project(vectors, dimension);
    this.cells = new Cells(this.projection.coordinates, this.projection.width, 3 * Math.ceil(Math.sqrt(rows)));
    this.bins = Array.from({ length: this.cells.count }, () => ({ rows: new Int32Array(16), count: 0 }));
    this.own = new Int32Array(rows).fill(-1);
  }

  /** Makes a row one that can be found. */
  add(row: number): void {
    if (this.own[row] < 0) this.own[row] = this.cells.locate(this.projection.coordinates, row);
    const bin = this.bins[this.own[row]];
    if (bin.count === bin.rows.length) {
      const larger = new Int32Array(2 * bin.count);
      larger.set(bin.rows);
      bin.rows = larger;
    }
    bin.rows[bin.count++] = row;
  }

  /** The row of those added, other than `row`, that is most like it; of equal ones the lowest. */
  best(row: number, threshold: number): Neighbour | undefined {
    const { vectors, dimension } = this;
    const query = Float64Array.from(vectors.subarray(row * dimension, (row + 1) * dimension));
    const { width, coordinates } = this.projection;
    const projected = Float64Array.from(coordinates.subarray(row * width, (row + 1) * width));
    const own = this.cells.locate(coordinates, row);
    this.own[row] = own;
    let found: Neighbour | undefined;
    let floor = threshold;
    const visit = (k: number): void => {
      const count = this.possible(this.bins[k], row, projected, floor);
      innerProducts(vectors, dimension, query, this.left, 0, count, this.bounds);
      for (let j = 0; j < count; j++) {
        const score = this.bounds[j];
        const other = this.left[j];
        if (score < floor || (found !== undefined && score === found.score && other > found.row)) continue;
        found = { row: other, score };
        floor = score;
      }
    };
    // The own cell first: what it holds raises the floor for the others.
    visit(own);
    for (let k = 0; k < this.bins.length; k++) {
      if (k === own || this.bins[k].count === 0) continue;
      if (this.cells.reaches(own, k, Math.sqrt(Math.max(0, 2 - 2 * floor)) + 1e-3)) visit(k);
    }
    return found;
  }

  /** Puts the rows of a bin that could reach the floor into `left`; returns how many. */
  private possible(bin: Bin, row: number, projected: Float64Array, floor: number): number {
    const { width, coordinates, rests } = this.projection;
    if (bin.count > this.left.length) {
      this.left = new Int32Array(2 * bin.count);
      this.bounds = new Float64Array(2 * bin.count);
    }
    const { bounds, left } = this;
    innerProducts(coordinates, width, projected, bin.rows, 0, bin.count, bounds);
    const rest = rests[row];
    let count = 0;
    for (let j = 0; j < bin.count; j++) {
      const other = bin.rows[j];
      if (bounds[j] + rest * rests[other] >= floor - SLACK && other !== row) left[count++] = other;
    }
    return count;
  }
}
