import { expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import { madeUp } from '../testing/embeddings.ts';
import { chanceOf, chanceRecall } from './chance.ts';
import { retrievalMetrics } from './metrics.ts';
import { rank } from './ranks.ts';
import { matrixScores } from './scores.ts';

test('the known level of 1,000 images with five captions each', () => {
  const counts = Array.from({ length: 1000 }, () => 5);
  const { relation } = madeUp(counts, 1, 0, 0);
  const chance = chanceOf(relation, Int32Array.from(counts.keys()));
  expect(chance.textToImage).toEqual({ r1: expect.closeTo(0.1), r5: expect.closeTo(0.5), r10: expect.closeTo(1) });
  expect(chance.imageToText.r1).toBeCloseTo(0.1, 10);
  expect(chance.imageToText.r10).toBeCloseTo(1, 1);
  expect(chance.rsum).toBeCloseTo(3.2, 1);
});

test('a gallery smaller than K is always hit', () => {
  expect(chanceRecall(10, 4, [1])).toBe(100);
  expect(chanceRecall(5, 8, [6])).toBe(100);
  expect(chanceRecall(1, 8, [2, 4])).toBeCloseTo(37.5, 10);
});

test('random scores reach it on average', async () => {
  const counts = [1, 4, 6, 5, 2, 0, 3, 5, 1, 1, 2, 5];
  const { relation } = madeUp(counts, 1, 0, 0);
  const random = new Random(6);
  const captions = relation.captionIds.length;
  let sum = 0;
  for (let draw = 0; draw < 400; draw++) {
    const scores = Float32Array.from({ length: counts.length * captions }, () => random.uniform());
    sum += retrievalMetrics(await rank(matrixScores(scores, captions), relation), 'pessimistic').rsum / 400;
  }
  expect(Math.abs(sum - chanceOf(relation, Int32Array.from(counts.keys())).rsum)).toBeLessThan(4);
});
