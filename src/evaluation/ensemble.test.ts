import { expect, test } from 'vitest';
import { madeUp } from '../testing/embeddings.ts';
import { meanScores } from './ensemble.ts';
import { rank } from './ranks.ts';
import { type Embeddings, embeddingScores } from './scores.ts';

const counts = Array.from({ length: 160 }, (_, image) => 1 + (image % 6));

function member(dimension: number, seed: number): Embeddings {
  return madeUp(counts, dimension, 1.2, seed).embeddings;
}

/** Vectors of all members side by side, each divided by sqrt(K). */
function concatenated(members: readonly Embeddings[], side: 'images' | 'captions'): Float32Array {
  const rows = members[0][side].length / members[0].dimension;
  const scale = 1 / Math.sqrt(members.length);
  return Float32Array.from(
    Array.from({ length: rows }).flatMap((_, row) =>
      members.flatMap(({ [side]: matrix, dimension }) =>
        Array.from(matrix.subarray(row * dimension, (row + 1) * dimension), (value) => value * scale),
      ),
    ),
  );
}

test.each([
  { models: 2, dimensions: [16, 16] },
  { models: 2, dimensions: [16, 8] },
  { models: 3, dimensions: [8, 12, 5] },
])('the mean of $models score matrices is one model of concatenated vectors ($dimensions)', async ({ dimensions }) => {
  const members = dimensions.map((dimension, seed) => member(dimension, seed));
  const { relation } = madeUp(counts, 1, 0, 0);
  const mean = meanScores(members.map((embeddings) => embeddingScores(embeddings)));
  const joined = embeddingScores({
    images: concatenated(members, 'images'),
    captions: concatenated(members, 'captions'),
    dimension: dimensions.reduce((a, b) => a + b),
  });
  for (const [image, caption] of [
    [0, 0],
    [3, 70],
    [159, 1],
  ]) {
    expect(mean.pair(image, caption)).toBeCloseTo(joined.pair(image, caption), 5);
  }
  const [a, b] = [await rank(mean, relation), await rank(joined, relation)];
  expect(a.imageToText.optimistic).toEqual(b.imageToText.optimistic);
  expect(a.textToImage.optimistic).toEqual(b.textToImage.optimistic);
  expect(mean.members).toBe(dimensions.length);
  // The ensemble is not one of its members.
  const alone = await rank(embeddingScores(members[0]), relation);
  expect(a.textToImage.optimistic).not.toEqual(alone.textToImage.optimistic);
});

test('a model averaged with itself is itself, ties and all', async () => {
  const { relation, embeddings } = madeUp(counts, 3, 1, 4, 1);
  const source = embeddingScores(embeddings);
  const once = await rank(source, relation);
  const thrice = await rank(meanScores([source, source, source]), relation);
  expect(thrice.imageToText).toEqual(once.imageToText);
  expect(thrice.textToImage).toEqual(once.textToImage);
});

test('models of different splits cannot be averaged', () => {
  const other = madeUp([1, 2], 4, 1, 0).embeddings;
  expect(() => meanScores([embeddingScores(member(4, 0)), embeddingScores(other)])).toThrow('scores of model 2');
  expect(() => meanScores([])).toThrow('an ensemble of no models');
});
