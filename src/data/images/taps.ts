/** @file Which source pixels make an output pixel along one axis, and with what weights, in fixed point. */
import { kernels, type ResampleFilter } from './filters.ts';

/** Fraction bits of a weight: 32, less 8 of a pixel and 2 for sums that overshoot. As Pillow has it. */
export const WEIGHT_BITS = 22;

/** One axis of a resampling: output pixel `i` is the sum of `counts[i]` source pixels from `starts[i]` on. */
export interface Taps {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** Weights of pixel `i` from `i * stride` on, in units of 2^-22. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/** An axis: source pixels `from` to `to` (fractions allowed) of `size` become `outSize`, of which a window is wanted. */
export interface Axis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
  readonly outSize: number;
  /** First output pixel wanted, and how many. */
  readonly first: number;
  readonly count: number;
}

/** Tables kept; pictures of a data set have few sizes, random crops have as many as there are crops. */
const MOST_TABLES = 64;
const tables = new Map<string, Taps>();

/** The taps of an axis, from a table kept by size; undefined if the axis comes out as it went in. */
export function tapsOf(filter: ResampleFilter, axis: Axis): Taps | undefined {
  const { size, from, to, outSize, first, count } = axis;
  if (from === 0 && to === size && outSize === size && first === 0 && count === size) return undefined;
  const key = `${filter} ${size} ${from} ${to} ${outSize} ${first} ${count}`;
  let taps = tables.get(key);
  if (taps === undefined) {
    taps = makeTaps(filter, axis);
    if (tables.size >= MOST_TABLES) tables.delete(tables.keys().next().value as string);
    tables.set(key, taps);
  }
  return taps;
}

/** The source pixels that taps read, from `first` to before `end`. */
export function spanOf({ starts, counts }: Taps): { first: number; end: number } {
  const last = starts.length - 1;
  return { first: starts[0], end: starts[last] + counts[last] };
}

// With s = (to - from) / outSize and S = max(s, 1), output i has its centre at c = from + (i + 1/2) s and takes the
// source pixels j within support * S of it, weighted by kernel((j + 1/2 - c) / S) and normalised to sum 1. Shrinking
// widens the kernel, which is what keeps fine patterns from turning into false ones.
// Pillow keeps edges in single precision, so they are rounded to it here.
function makeTaps(filter: ResampleFilter, { size, from, to, outSize, first, count }: Axis): Taps {
  const { support, weight } = kernels[filter];
  const origin = Math.fround(from);
  const scale = Math.fround(Math.fround(to) - origin) / outSize;
  const spread = Math.max(scale, 1);
  const reach = support * spread;
  const stride = Math.ceil(reach) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Int32Array(count * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < count; i++) {
    const centre = origin + (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const taken = Math.min(size, Math.trunc(centre + reach + 0.5)) - start;
    let sum = 0;
    for (let j = 0; j < taken; j++) {
      exact[j] = weight((j + start - centre + 0.5) * (1 / spread));
      sum += exact[j];
    }
    for (let j = 0; j < taken; j++) weights[i * stride + j] = toFixedPoint(sum === 0 ? exact[j] : exact[j] / sum);
    starts[i] = start;
    counts[i] = taken;
  }
  return { starts, counts, weights, stride };
}

/** Rounds half away from zero. */
function toFixedPoint(weight: number): number {
  const scaled = weight * 2 ** WEIGHT_BITS;
  return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}
