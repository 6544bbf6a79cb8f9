import { expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import { madeUp } from '../testing/embeddings.ts';
import { bootstrapIntervals, percentile } from './bootstrap.ts';
import { meanMetrics, retrievalMetrics } from './metrics.ts';
import { type DirectionRanks, type Ranks, rank } from './ranks.ts';
import { embeddingScores } from './scores.ts';

const counts = Array.from({ length: 200 }, (_, image) => [5, 1, 4, 6, 0][image % 5]);
const { relation, embeddings } = madeUp(counts, 6, 0.8, 11);
const ranks = await rank(embeddingScores(embeddings), relation);

test('percentiles interpolate between neighbours', () => {
  const sorted = Float64Array.of(1, 2, 3, 5);
  expect([0, 0.5, 5 / 6, 1].map((share) => percentile(sorted, share))).toEqual([1, 2.5, 4, 5]);
  expect(percentile(Float64Array.of(7), 0.3)).toBe(7);
});

test('equal seeds give equal intervals, other seeds others; the truth of the sample lies inside', () => {
  const intervals = bootstrapIntervals([ranks], 'pessimistic', { seed: 1, resamples: 300 });
  expect(bootstrapIntervals([ranks], 'pessimistic', { seed: 1, resamples: 300 })).toEqual(intervals);
  expect(bootstrapIntervals([ranks], 'pessimistic', { seed: 2, resamples: 300 })).not.toEqual(intervals);
  const metrics = retrievalMetrics(ranks, 'pessimistic');
  for (const direction of ['imageToText', 'textToImage'] as const) {
    for (const name of ['r1', 'r5', 'r10', 'medianRank', 'meanRank'] as const) {
      const [low, high] = intervals[direction][name];
      expect(low).toBeLessThanOrEqual(metrics[direction][name]);
      expect(high).toBeGreaterThanOrEqual(metrics[direction][name]);
    }
  }
  expect(intervals.rsum[0]).toBeLessThan(metrics.rsum);
  expect(intervals.rsum[1]).toBeGreaterThan(metrics.rsum);
});

test('each resample is the metrics of the repeated queries, computed the long way', () => {
  // One resample: both ends of its interval are that resample.
  for (let seed = 0; seed < 20; seed++) {
    const intervals = bootstrapIntervals([ranks], 'pessimistic', { resamples: 1, seed });
    const random = new Random(seed, 'bootstrap', 0);
    const images = ranks.imageToText.queries;
    const drawn = Array.from(images, () => images[random.integer(images.length)]);
    const metrics = retrievalMetrics(
      {
        gallery: ranks.gallery,
        imageToText: repeat(ranks.imageToText, drawn),
        textToImage: repeat(ranks.textToImage, drawn),
      },
      'pessimistic',
    );
    const ends = (value: number) => [expect.closeTo(value, 9), expect.closeTo(value, 9)];
    for (const direction of ['imageToText', 'textToImage'] as const) {
      for (const name of ['r1', 'r5', 'r10', 'medianRank', 'meanRank'] as const) {
        expect(intervals[direction][name]).toEqual(ends(metrics[direction][name]));
      }
    }
    expect(intervals.rsum).toEqual(ends(metrics.rsum));
  }
});

test('the width is that of the binomial where queries are independent', () => {
  const single = Array.from({ length: 900 }, (_, query) => (query % 3 === 0 ? 0 : 50));
  const direction: DirectionRanks = {
    queries: Int32Array.from(single.keys()),
    images: Int32Array.from(single.keys()),
    optimistic: Int32Array.from(single),
    pessimistic: Int32Array.from(single),
    truth: new Float32Array(900),
    rival: new Float32Array(900),
  };
  const made: Ranks = { gallery: direction.queries, imageToText: direction, textToImage: direction };
  const [low, high] = bootstrapIntervals([made], 'optimistic').imageToText.r1;
  const deviation = 100 * Math.sqrt(((1 / 3) * (2 / 3)) / 900);
  expect(high - low).toBeGreaterThan(2 * 1.96 * deviation * 0.9);
  expect(high - low).toBeLessThan(2 * 1.96 * deviation * 1.1);
});

test('folds are resampled one by one and averaged', async () => {
  const halves = [0, 100].map((start) => Int32Array.from({ length: 100 }, (_, image) => start + image));
  const folds = [
    await rank(embeddingScores(embeddings), relation, halves[0]),
    await rank(embeddingScores(embeddings), relation, halves[1]),
  ];
  const { rsum } = meanMetrics(folds.map((fold) => retrievalMetrics(fold, 'pessimistic')));
  const intervals = bootstrapIntervals(folds, 'pessimistic', { resamples: 200 });
  expect(intervals.rsum[0]).toBeLessThan(rsum);
  expect(intervals.rsum[1]).toBeGreaterThan(rsum);
  expect(intervals.rsum[1] - intervals.rsum[0]).toBeLessThan(100);
});

/** The queries of each drawn image, as often as it was drawn. */
function repeat(direction: DirectionRanks, drawn: readonly number[]): DirectionRanks {
  const positions = drawn.flatMap((image) =>
    [...direction.images.keys()].filter((position) => direction.images[position] === image),
  );
  const pick = (values: Int32Array): Int32Array => Int32Array.from(positions, (position) => values[position]);
  return {
    ...direction,
    queries: pick(direction.queries),
    images: pick(direction.images),
    optimistic: pick(direction.optimistic),
    pessimistic: pick(direction.pessimistic),
  };
}
