import { expect, test } from 'vitest';
import { madeUp } from '../../testing/embeddings.ts';
import { chanceOf } from '../chance.ts';
import { recallAt } from '../metrics.ts';
import { rank } from '../ranks.ts';
import { embeddingScores } from '../scores.ts';
import { rankHistogram, recallCurves } from './curves.ts';

const { relation, embeddings } = madeUp(
  Array.from({ length: 240 }, (_, image) => [5, 1, 6, 0][image % 4]),
  5,
  1.2,
  7,
);
const source = embeddingScores(embeddings);
const ranks = await rank(source, relation);
const halves = [
  await rank(
    source,
    relation,
    Int32Array.from({ length: 120 }, (_, image) => image),
  ),
  await rank(
    source,
    relation,
    Int32Array.from({ length: 120 }, (_, image) => image + 120),
  ),
];

test('curves are the recalls, rise, and end where every picture is looked at', () => {
  const { k, imageToText, textToImage, chance } = recallCurves([ranks], 'pessimistic');
  expect(k.slice(0, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(k.at(-1)).toBe(240);
  expect(new Set(k).size).toBe(k.length);
  expect(k).toEqual(k.toSorted((a, b) => a - b));
  k.forEach((value, i) => {
    expect(imageToText[i]).toBe(recallAt(value, ranks.imageToText.pessimistic));
    expect(textToImage[i]).toBe(recallAt(value, ranks.textToImage.pessimistic));
  });
  expect(textToImage.at(-1)).toBe(100);
  const level = chanceOf([ranks]);
  expect(chance[k.indexOf(5)]).toBeCloseTo((level.imageToText.r5 + level.textToImage.r5) / 2, 10);
});

test('with folds a curve is the mean over them', () => {
  const { k, textToImage } = recallCurves(halves, 'optimistic');
  expect(k.at(-1)).toBe(120);
  const [a, b] = halves.map((half) => recallAt(5, half.textToImage.optimistic));
  expect(textToImage[4]).toBeCloseTo((a + b) / 2, 10);
});

test.each([
  ['one gallery', [ranks]],
  ['folds', halves],
])('bins of %s touch, reach the largest rank, and hold every query', (_, folds) => {
  const { bins, imageToText, textToImage } = rankHistogram(folds, 'pessimistic');
  bins.forEach(([from, to], i) => {
    expect(to).toBeGreaterThanOrEqual(from);
    expect(from).toBe(i === 0 ? 1 : bins[i - 1][1] + 1);
  });
  for (const shares of [imageToText, textToImage]) expect(shares.reduce((a, b) => a + b)).toBeCloseTo(100, 9);
  expect(bins.slice(0, 4)).toEqual([
    [1, 1],
    [2, 2],
    [3, 5],
    [6, 10],
  ]);
  const queries = folds.flatMap((fold) => [...fold.textToImage.pessimistic]);
  expect(textToImage[2]).toBeCloseTo(
    (100 * queries.filter((rank) => rank >= 2 && rank <= 4).length) / queries.length,
    9,
  );
});

test('a perfect model has one bin', () => {
  const perfect = { ...ranks.textToImage, pessimistic: new Int32Array(4) };
  const made = { ...ranks, imageToText: perfect, textToImage: perfect };
  expect(rankHistogram([made], 'pessimistic')).toEqual({ bins: [[1, 1]], imageToText: [100], textToImage: [100] });
});
