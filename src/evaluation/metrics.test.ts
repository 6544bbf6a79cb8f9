import { expect, test } from 'vitest';
import { madeUp } from '../testing/embeddings.ts';
import { meanMetrics, meanRank, medianRank, recallAt, retrievalMetrics, tiedQueries } from './metrics.ts';
import { rank } from './ranks.ts';
import { embeddingScores } from './scores.ts';

test('recall@K counts 0-based ranks below K', () => {
  const ranks = Int32Array.of(0, 0, 4, 5, 9, 10, 400, 1);
  expect(recallAt(1, ranks)).toBe(25);
  expect(recallAt(5, ranks)).toBe(50);
  expect(recallAt(10, ranks)).toBe(75);
});

test('the median rank is floor(median) + 1, for an even number of queries too', () => {
  expect(medianRank(Int32Array.of(7))).toBe(8);
  expect(medianRank(Int32Array.of(10, 0, 2))).toBe(3);
  expect(medianRank(Int32Array.of(3, 0, 10, 2))).toBe(3); // floor(2.5) + 1
  expect(medianRank(Int32Array.of(4, 2, 0, 10))).toBe(4); // median 3
  expect(medianRank(Int32Array.of(100, 20, 3))).toBe(21); // sorted as numbers, not as words
});

test('the mean rank counts from 1', () => {
  expect(meanRank(Int32Array.of(0, 1, 5))).toBe(3);
});

test('rSum is the sum of the six recalls, and of averaged folds the average', async () => {
  const { relation, embeddings } = madeUp([5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5], 3, 1, 8);
  const metrics = retrievalMetrics(await rank(embeddingScores(embeddings), relation), 'pessimistic');
  const { imageToText: a, textToImage: b } = metrics;
  expect(metrics.rsum).toBeCloseTo(a.r1 + a.r5 + a.r10 + b.r1 + b.r5 + b.r10, 10);
  const perfect = retrievalMetrics(
    await rank(embeddingScores(madeUp([2, 2], 8, 0, 3).embeddings), madeUp([2, 2], 8, 0, 3).relation),
    'pessimistic',
  );
  const mean = meanMetrics([metrics, perfect]);
  expect(mean.rsum).toBeCloseTo((metrics.rsum + perfect.rsum) / 2, 10);
  expect(mean.textToImage.medianRank).toBe((b.medianRank + perfect.textToImage.medianRank) / 2);
});

test('queries whose rank a tie decides are counted', async () => {
  const { relation, embeddings } = madeUp([1, 1, 1], 4, 0, 1);
  embeddings.captions.copyWithin(4, 0, 4); // caption 1 says what caption 0 says
  const ranks = await rank(embeddingScores(embeddings), relation);
  expect(tiedQueries(ranks.imageToText)).toBe(2);
  expect(tiedQueries(ranks.textToImage)).toBe(0);
});
