import { expect, test } from 'vitest';
import { madeUp } from '../testing/embeddings.ts';
import { pickExamples } from './examples.ts';
import { rank } from './ranks.ts';
import { relationOf } from './relation.ts';
import { embeddingScores, matrixScores } from './scores.ts';

test('the surest hits and the worst misses, an image at most once a list, with the head of their rankings', async () => {
  const relation = relationOf(['a', 'b', 'c'].map((id) => ({ id, captions: [{ id: `${id}0` }, { id: `${id}1` }] })));
  const scores = matrixScores(
    Float32Array.from([0.9, 0.8, 0.1, 0.2, 0.3, 0.1, 0.2, 0.7, 0.6, 0.5, 0.4, 0.1, 0.1, 0.3, 0.7, 0.2, 0.5, 0.1]),
    6,
  );
  const ranks = await rank(scores, relation);
  const { best, worst } = await pickExamples(scores, relation, [ranks], 'pessimistic', { count: 2, top: 2 });
  const brief = (list: typeof best) =>
    list.map(({ direction, query, rank, retrieved }) => ({
      direction,
      query,
      rank,
      top: retrieved.map(({ item }) => item),
    }));
  expect(brief(best)).toEqual([
    { direction: 'imageToText', query: 0, rank: 1, top: [0, 1] },
    { direction: 'textToImage', query: 0, rank: 1, top: [0, 1] },
    { direction: 'textToImage', query: 3, rank: 1, top: [1, 0] },
  ]);
  expect(brief(worst)).toEqual([
    { direction: 'imageToText', query: 2, rank: 2, top: [2, 4] },
    { direction: 'imageToText', query: 1, rank: 2, top: [1, 2] },
    { direction: 'textToImage', query: 5, rank: 3, top: [0, 1] },
    { direction: 'textToImage', query: 2, rank: 2, top: [2, 1] },
  ]);
  expect(best[0].margin).toBeCloseTo(0.6, 6);
  expect(best[0].retrieved.map(({ own }) => own)).toEqual([true, true]);
  expect(worst[0].margin).toBeCloseTo(-0.2, 6);
});

test('a query is shown against the gallery of its fold', async () => {
  const { relation, embeddings } = madeUp([2, 2, 2, 2, 2, 2], 4, 1.5, 3);
  const source = embeddingScores(embeddings);
  const folds = [
    await rank(source, relation, Int32Array.of(0, 1, 2)),
    await rank(source, relation, Int32Array.of(3, 4, 5)),
  ];
  const { best, worst } = await pickExamples(source, relation, folds, 'pessimistic', { count: 6, top: 9 });
  expect(best.length + worst.length).toBeGreaterThan(8);
  for (const { image, direction, retrieved } of [...best, ...worst]) {
    const owners = retrieved.map(({ item }) => (direction === 'imageToText' ? relation.imageOf[item] : item));
    expect(new Set(owners)).toEqual(new Set(image < 3 ? [0, 1, 2] : [3, 4, 5]));
    expect(retrieved.map(({ score }) => score)).toEqual(retrieved.map(({ score }) => score).toSorted((a, b) => b - a));
  }
});
