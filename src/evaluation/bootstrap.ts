/** @file Confidence intervals by the bootstrap over images, from ranks alone: nothing is scored again. */
import { Random } from '../random/random.ts';
import {
  both,
  type DirectionMetrics,
  eachNumber,
  meanMetrics,
  type RetrievalMetrics,
  type TieRule,
} from './metrics.ts';
import type { DirectionRanks, Ranks } from './ranks.ts';

/** How intervals are drawn. */
export interface BootstrapOptions {
  /** 1000 unless given. */
  readonly resamples?: number;
  /** 0 unless given; equal seeds give equal intervals. */
  readonly seed?: number;
  /** Share of the resamples inside, 0.95 unless given. */
  readonly level?: number;
}

/** Lower and upper end. */
export type Interval = readonly [low: number, high: number];

/** An interval for each number of a direction. */
export type DirectionIntervals = { readonly [Name in keyof DirectionMetrics]: Interval };

/** Percentile intervals of every number. */
export interface Intervals {
  readonly level: number;
  readonly resamples: number;
  readonly seed: number;
  readonly imageToText: DirectionIntervals;
  readonly textToImage: DirectionIntervals;
  readonly rsum: Interval;
}

/**
 * Percentile intervals by resampling images with replacement; an image brings its captions, because captions of one
 * image succeed and fail together. The gallery is fixed: the question is which other queries might have been asked.
 * Folds are resampled one by one and averaged like the numbers themselves.
 *
 * @param folds the ranks of each fold; one for a whole split
 */
export function bootstrapIntervals(folds: readonly Ranks[], rule: TieRule, options: BootstrapOptions = {}): Intervals {
  const { resamples = 1000, seed = 0, level = 0.95 } = options;
  const draws = folds.map((ranks) => weightedMetrics(ranks, rule));
  const samples: RetrievalMetrics[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    const random = new Random(seed, 'bootstrap', resample);
    samples.push(meanMetrics(draws.map((draw) => draw(random))));
  }
  const interval = (read: (metrics: RetrievalMetrics) => number): Interval => {
    const sorted = Float64Array.from(samples, read).sort();
    return [percentile(sorted, (1 - level) / 2), percentile(sorted, (1 + level) / 2)];
  };
  return {
    level,
    resamples,
    seed,
    imageToText: eachNumber((read) => interval(({ imageToText }) => read(imageToText))),
    textToImage: eachNumber((read) => interval(({ textToImage }) => read(textToImage))),
    rsum: interval((metrics) => metrics.rsum),
  };
}

/** Value below which a share of sorted values lies, interpolated between neighbours. */
export function percentile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/** Metrics of one fold for images drawn at random: an image drawn w times counts each of its queries w times. */
function weightedMetrics(ranks: Ranks, rule: TieRule): (random: Random) => RetrievalMetrics {
  const images = ranks.imageToText.queries; // images without captions ask nothing, so they are not drawn
  const position = new Map(Array.from(images, (image, drawn) => [image, drawn]));
  const imageToText = weightedDirection(ranks.imageToText, rule, position);
  const textToImage = weightedDirection(ranks.textToImage, rule, position);
  const weights = new Int32Array(images.length);
  return (random) => {
    weights.fill(0);
    for (let draw = 0; draw < weights.length; draw++) weights[random.integer(weights.length)]++;
    return both(imageToText(weights), textToImage(weights));
  };
}

function weightedDirection(
  direction: DirectionRanks,
  rule: TieRule,
  position: ReadonlyMap<number, number>,
): (weights: Int32Array) => DirectionMetrics {
  const queries = Array.from(direction[rule], (rank, query) => ({
    rank,
    image: position.get(direction.images[query])!,
  }));
  queries.sort((a, b) => a.rank - b.rank);
  const ranks = Int32Array.from(queries, (query) => query.rank);
  const drawn = Int32Array.from(queries, (query) => query.image);
  return (weights) => sortedMetrics(ranks, drawn, weights);
}

/** The five numbers of queries in order of rank, each repeated as often as its image was drawn: one walk. */
function sortedMetrics(ranks: Int32Array, drawn: Int32Array, weights: Int32Array): DirectionMetrics {
  let total = 0;
  for (const image of drawn) total += weights[image];
  const hits = { r1: 0, r5: 0, r10: 0 };
  const [lower, upper] = [Math.ceil(total / 2), Math.floor(total / 2) + 1]; // the middle one or two, counted from 1
  let seen = 0;
  let sum = 0;
  let middle = 0;
  for (let query = 0; query < ranks.length; query++) {
    const weight = weights[drawn[query]];
    const rank = ranks[query];
    if (seen < lower && seen + weight >= lower) middle += rank;
    if (seen < upper && seen + weight >= upper) middle += rank;
    seen += weight;
    sum += weight * rank;
    if (rank < 1) hits.r1 += weight;
    if (rank < 5) hits.r5 += weight;
    if (rank < 10) hits.r10 += weight;
  }
  return {
    r1: (100 * hits.r1) / total,
    r5: (100 * hits.r5) / total,
    r10: (100 * hits.r10) / total,
    medianRank: Math.floor(middle / 2) + 1,
    meanRank: sum / total + 1,
  };
}
