/** @file Recall@K, median and mean rank, and rSum, from ranks. */
import type { DirectionRanks, Ranks } from './ranks.ts';

/** How a tie between the truth and a wrong item is decided: against the model (pessimistic) or for it (optimistic). */
export type TieRule = 'pessimistic' | 'optimistic';

/** The five numbers of a direction. Recalls in percent, ranks from 1. */
export interface DirectionMetrics {
  readonly r1: number;
  readonly r5: number;
  readonly r10: number;
  readonly medianRank: number;
  readonly meanRank: number;
}

/** Both directions; `rsum` is the sum of the six recalls, 600 at most. */
export interface RetrievalMetrics {
  readonly imageToText: DirectionMetrics;
  readonly textToImage: DirectionMetrics;
  readonly rsum: number;
}

/** R@K = 100 mean(rank < K) for 0-based ranks; 0 without a query. */
export function recallAt(k: number, ranks: Int32Array): number {
  let hits = 0;
  for (const rank of ranks) if (rank < k) hits++;
  return ranks.length === 0 ? 0 : (100 * hits) / ranks.length;
}

/** MedR = floor(median) + 1 of 0-based ranks; the median of an even number of ranks is the mean of the middle two. */
export function medianRank(ranks: Int32Array): number {
  const sorted = ranks.slice().sort();
  const middle = sorted.length / 2;
  return Math.floor((sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2) + 1;
}

/** MeanR = mean + 1 of 0-based ranks. */
export function meanRank(ranks: Int32Array): number {
  return ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length + 1;
}

/** The five numbers of a direction. */
export function directionMetrics(direction: DirectionRanks, rule: TieRule): DirectionMetrics {
  const ranks = direction[rule];
  return {
    r1: recallAt(1, ranks),
    r5: recallAt(5, ranks),
    r10: recallAt(10, ranks),
    medianRank: medianRank(ranks),
    meanRank: meanRank(ranks),
  };
}

/** Both directions of one gallery. */
export function retrievalMetrics(ranks: Ranks, rule: TieRule): RetrievalMetrics {
  return both(directionMetrics(ranks.imageToText, rule), directionMetrics(ranks.textToImage, rule));
}

/** What is made of each of the five numbers of a direction. */
export function eachNumber<T>(make: (read: (metrics: DirectionMetrics) => number) => T): {
  readonly [Name in keyof DirectionMetrics]: T;
} {
  return {
    r1: make(({ r1 }) => r1),
    r5: make(({ r5 }) => r5),
    r10: make(({ r10 }) => r10),
    medianRank: make(({ medianRank }) => medianRank),
    meanRank: make(({ meanRank }) => meanRank),
  };
}

/** Each number averaged over folds, rSum too. */
export function meanMetrics(folds: readonly RetrievalMetrics[]): RetrievalMetrics {
  return both(
    eachNumber((read) => meanOver(folds, ({ imageToText }) => read(imageToText))),
    eachNumber((read) => meanOver(folds, ({ textToImage }) => read(textToImage))),
  );
}

/** Mean of one number of each fold. */
export function meanOver<T>(folds: readonly T[], read: (fold: T) => number): number {
  return folds.reduce((sum, fold) => sum + read(fold), 0) / folds.length;
}

/** Both directions with their rSum. */
export function both(imageToText: DirectionMetrics, textToImage: DirectionMetrics): RetrievalMetrics {
  const recalls = (metrics: DirectionMetrics): number => metrics.r1 + metrics.r5 + metrics.r10;
  return { imageToText, textToImage, rsum: recalls(imageToText) + recalls(textToImage) };
}

/** How many queries of a direction have a rank that a tie decides. */
export function tiedQueries(direction: DirectionRanks): number {
  return direction.optimistic.reduce((sum, rank, query) => sum + (rank === direction.pessimistic[query] ? 0 : 1), 0);
}
