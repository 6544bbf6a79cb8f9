import { describe, expect, test } from 'vitest';
import { madeUp } from '../testing/embeddings.ts';
import { contiguousFolds, evaluate } from './protocols.ts';
import { relationOf } from './relation.ts';
import type { EvaluationResult } from './result.ts';
import { embeddingScores, matrixScores } from './scores.ts';

const facts = { featureSource: 'made up' };

test('COCO 1K: five folds of 5,000 images are the mean of five separate evaluations', async () => {
  const dimension = 8;
  const { relation, embeddings } = madeUp(
    Array.from({ length: 5000 }, () => 5),
    dimension,
    0.9,
    2,
  );
  const { result } = await evaluate(embeddingScores(embeddings), relation, {
    split: 'val',
    facts,
    folds: 5,
    bootstrap: false,
  });
  const separate: EvaluationResult[] = [];
  for (let fold = 0; fold < 5; fold++) {
    const part = <Row>(rows: ArrayLike<Row> & { slice(a: number, b: number): ArrayLike<Row> }, width: number) =>
      rows.slice(fold * 1000 * width, (fold + 1) * 1000 * width);
    const images = relation.imageIds.slice(fold * 1000, (fold + 1) * 1000).map((id, image) => ({
      id,
      captions: Array.from(relation.captionsOf[fold * 1000 + image], (caption) => ({
        id: relation.captionIds[caption],
      })),
    }));
    const source = embeddingScores({
      images: part(embeddings.images, dimension) as Float32Array,
      captions: part(embeddings.captions, 5 * dimension) as Float32Array,
      dimension,
    });
    separate.push((await evaluate(source, relationOf(images), { split: 'val', facts, bootstrap: false })).result);
  }
  expect(result.folds).toHaveLength(5);
  result.folds!.forEach((fold, position) => {
    const { imageToText, textToImage, rsum } = separate[position];
    expect(fold).toEqual({ images: 1000, captions: 5000, imageToText, textToImage, rsum });
  });
  const mean = (read: (one: EvaluationResult) => number) => separate.reduce((sum, one) => sum + read(one), 0) / 5;
  for (const direction of ['imageToText', 'textToImage'] as const) {
    for (const name of ['r1', 'r5', 'r10', 'medianRank', 'meanRank'] as const) {
      expect(result[direction][name]).toBeCloseTo(
        mean((one) => one[direction][name]),
        9,
      );
    }
  }
  expect(result.rsum).toBeCloseTo(
    mean((one) => one.rsum),
    9,
  );
  expect(new Set(separate.map((one) => one.rsum)).size).toBe(5); // the folds differ, so the mean is a claim
  expect(result).toMatchObject({ images: 5000, captions: 25_000, protocol: { folds: 5 } });
});

describe('contiguous folds', () => {
  test('cover every image once, in order, in sizes that differ by one at most', () => {
    const folds = contiguousFolds(11, 3).map((fold) => [...fold]);
    expect(folds.flat()).toEqual([...Array(11).keys()]);
    expect(folds.map((fold) => fold.length)).toEqual([3, 4, 4]);
  });

  test.each([0, -1, 1.5, 12, Number.NaN])('%s folds of 11 images are refused', (folds) => {
    expect(() => contiguousFolds(11, folds)).toThrow('folds cannot be made of 11 images');
  });
});

describe('the result', () => {
  const { relation, embeddings } = madeUp([5, 4, 6, 1, 5, 5, 0, 5], 3, 1, 5, 2);

  test('states the protocol: split, hash, captions per image, tie rule, members, features', async () => {
    const { result } = await evaluate(embeddingScores(embeddings), relation, {
      split: 'val',
      facts: { ...facts, seeds: [1, 2, 3], selectedOn: 'val' },
    });
    expect(result.protocol).toEqual({
      folds: 1,
      tieRule: 'pessimistic',
      captionsPerImage: { min: 0, max: 6, mean: 31 / 8 },
      splitHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      members: 1,
      featureSource: 'made up',
      seeds: [1, 2, 3],
      selectedOn: 'val',
    });
    expect(result.intervals).toMatchObject({ level: 0.95, resamples: 1000, seed: 0 });
    expect(result).not.toHaveProperty('folds');
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  test('reports ties both ways, and takes its numbers by the rule that is asked for', async () => {
    const options = { split: 'val', facts, bootstrap: false } as const;
    const against = (await evaluate(embeddingScores(embeddings), relation, options)).result;
    const forModel = (await evaluate(embeddingScores(embeddings), relation, { ...options, tieRule: 'optimistic' }))
      .result;
    expect(against.ties.imageQueries + against.ties.textQueries).toBeGreaterThan(0);
    expect(against.ties.optimistic.rsum).toBeGreaterThan(against.ties.pessimistic.rsum);
    expect(against.rsum).toBe(against.ties.pessimistic.rsum);
    expect(forModel.rsum).toBe(against.ties.optimistic.rsum);
  });

  test('a collapsed model is at the bottom, not at the top', async () => {
    const flat = matrixScores(new Float32Array(8 * 31).fill(0.3), 31);
    const { result } = await evaluate(flat, relation, { split: 'val', facts, bootstrap: false });
    expect(result.textToImage.r1).toBe(0);
    expect(result.rsum).toBeLessThanOrEqual(result.chance.rsum);
  });
});
