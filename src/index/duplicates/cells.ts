/** @file Space cut into cells around centres, and which cells can hold anything near a point. */

/** Rounds of k-means: cells need not be good to be right. */
const ROUNDS = 4;
/** Points to a centre that the centres are found from. */
const POINTS = 16;

/**
 * Every point lies in the cell of its nearest centre. A point y of cell k that is within r of x, which lies in cell i,
 * is not nearer to c_i than to c_k, so the plane between both centres is at most r away from x:
 *
 *   (|x - c_k|^2 - |x - c_i|^2) / (2 |c_k - c_i|) <= r
 *
 * Cells for which this fails hold nothing near x.
 */
export class Cells {
  readonly count: number;
  private readonly width: number;
  private readonly centres: Float64Array;
  /** |c_k - c_i| for each pair. */
  private readonly gaps: Float64Array;
  /** |x - c_k|^2 of the point looked at last. */
  private readonly squares: Float64Array;

  /** @param points row-major [n, width] @param count how many cells; about the root of n */
  constructor(points: Float32Array, width: number, count: number) {
    this.width = width;
    this.centres = centresOf(points, width, count);
    this.count = this.centres.length / width;
    this.squares = new Float64Array(this.count);
    this.gaps = new Float64Array(this.count * this.count);
    for (let k = 0; k < this.count; k++) {
      for (let i = 0; i < this.count; i++) {
        this.gaps[k * this.count + i] = Math.sqrt(
          squaredDistance(this.centres, k * width, this.centres, i * width, width),
        );
      }
    }
  }

  /** The cell of a point. `reaches` speaks of this point from now on. */
  locate(points: Float32Array, row: number): number {
    return nearestOf(points, row * this.width, this.centres, this.width, this.squares);
  }

  /** Whether cell `k` can hold a point within `radius` of the point that was located last, in cell `own`. */
  reaches(own: number, k: number, radius: number): boolean {
    return this.squares[k] - this.squares[own] <= 2 * this.gaps[k * this.count + own] * radius;
  }
}

/** Centres by a few rounds of k-means over points picked evenly, which begin as centres themselves. */
function centresOf(points: Float32Array, width: number, count: number): Float64Array {
  const rows = points.length / width;
  const wanted = Math.max(1, Math.min(count, rows));
  const size = Math.min(rows, POINTS * wanted);
  const sample = Int32Array.from({ length: size }, (_, i) => Math.floor((i * rows) / size));
  const centres = new Float64Array(wanted * width);
  const squares = new Float64Array(wanted);
  for (let k = 0; k < wanted; k++) {
    const row = sample[Math.floor((k * size) / wanted)];
    centres.set(points.subarray(row * width, (row + 1) * width), k * width);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float64Array(wanted * width);
    const members = new Int32Array(wanted);
    for (const row of sample) {
      const k = nearestOf(points, row * width, centres, width, squares);
      members[k]++;
      for (let i = 0; i < width; i++) sums[k * width + i] += points[row * width + i];
    }
    // A centre without points stays where it is.
    for (let at = 0; at < centres.length; at++) {
      const n = members[Math.floor(at / width)];
      if (n > 0) centres[at] = sums[at] / n;
    }
  }
  return centres;
}

/** The number of the centre that is nearest to a point; the squared distances to all of them go into `squares`. */
function nearestOf(
  points: Float32Array,
  at: number,
  centres: Float64Array,
  width: number,
  squares: Float64Array,
): number {
  let nearest = 0;
  for (let k = 0; k < squares.length; k++) {
    squares[k] = squaredDistance(points, at, centres, k * width, width);
    if (squares[k] < squares[nearest]) nearest = k;
  }
  return nearest;
}

/** |a - b|^2 of the points that begin at `atA` and at `atB`. */
function squaredDistance(
  a: Float32Array | Float64Array,
  atA: number,
  b: Float64Array,
  atB: number,
  width: number,
): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += (a[atA + i] - b[atB + i]) ** 2;
  return sum;
}
