import { expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import { type MadeUp, madeUp } from '../testing/embeddings.ts';
import { chanceOf, chanceRecall } from './chance.ts';
import { retrievalMetrics } from './metrics.ts';
import { rank } from './ranks.ts';
import { embeddingScores, matrixScores } from './scores.ts';

/** Ranks of any scores: chance asks for the sizes alone. */
const ranksOf = ({ relation, embeddings }: MadeUp, gallery?: Int32Array) =>
  rank(embeddingScores(embeddings), relation, gallery);

test('the known level of 1,000 images with five captions each', async () => {
  const made = madeUp(
    Array.from({ length: 1000 }, () => 5),
    1,
    0,
    0,
  );
  const chance = chanceOf([await ranksOf(made)]);
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

test('with folds it is the mean over them', async () => {
  const made = madeUp([1, 4, 6, 5, 0, 3], 1, 0, 0);
  const folds = [await ranksOf(made, Int32Array.of(0, 1)), await ranksOf(made, Int32Array.of(2, 3, 4, 5))];
  const [first, second] = folds.map((fold) => chanceOf([fold]));
  const both = chanceOf(folds);
  expect(first.rsum).not.toBe(second.rsum);
  expect(both.rsum).toBeCloseTo((first.rsum + second.rsum) / 2, 10);
  expect(both.imageToText.r1).toBeCloseTo((first.imageToText.r1 + second.imageToText.r1) / 2, 10);
});

test('random scores reach it on average', async () => {
  const counts = [1, 4, 6, 5, 2, 0, 3, 5, 1, 1, 2, 5];
  const { relation, embeddings } = madeUp(counts, 1, 0, 0);
  const random = new Random(6);
  const captions = relation.captionIds.length;
  const level = chanceOf([await ranksOf({ relation, embeddings })]).rsum;
  let sum = 0;
  for (let draw = 0; draw < 400; draw++) {
    const scores = Float32Array.from({ length: counts.length * captions }, () => random.uniform());
    sum += retrievalMetrics(await rank(matrixScores(scores, captions), relation), 'pessimistic').rsum / 400;
  }
  expect(Math.abs(sum - level)).toBeLessThan(4);
});
