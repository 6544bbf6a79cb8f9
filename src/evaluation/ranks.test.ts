import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import { Random } from '../random/random.ts';
import { silent } from '../system/progress.ts';
import { madeUp } from '../testing/embeddings.ts';
import { directionMetrics, recallAt } from './metrics.ts';
import { type DirectionRanks, type Ranks, rank } from './ranks.ts';
import { type Relation, relationOf, relationOfIds } from './relation.ts';
import { type Embeddings, embeddingScores, matrixScores, type ScoreSource } from './scores.ts';

const golden: {
  rank_i2t: number[];
  rank_t2i: number[];
  i2t_R1_R5_R10: number[];
  t2i_R1: number;
  medr_i2t: number;
  medr_t2i: number;
} = JSON.parse(readFileSync(new URL('./golden/ranks.json', import.meta.url), 'utf8'));

test('golden: the reference evaluation code of HREM, three images with five captions each', async () => {
  const scores = Float64Array.from({ length: 45 }, (_, position) => {
    const a = Math.floor(position / 15);
    const b = position % 15;
    return Math.sin(2.1 * a + 0.83 * b + 0.17 * a * b) + (Math.floor(b / 5) === a ? 0.6 : 0);
  });
  const ranks = await rank(matrixScores(scores, 15), relation([5, 5, 5]));
  for (const rule of ['optimistic', 'pessimistic'] as const) {
    expect([...ranks.imageToText[rule]]).toEqual(golden.rank_i2t);
    expect([...ranks.textToImage[rule]]).toEqual(golden.rank_t2i);
    const imageToText = directionMetrics(ranks.imageToText, rule);
    const textToImage = directionMetrics(ranks.textToImage, rule);
    expect([imageToText.r1, imageToText.r5, imageToText.r10]).toEqual(golden.i2t_R1_R5_R10);
    expect(textToImage.r1).toBe(golden.t2i_R1);
    expect(imageToText.medianRank).toBe(golden.medr_i2t);
    expect(textToImage.medianRank).toBe(golden.medr_t2i);
  }
});

describe('counting equals sorting', () => {
  test('without ties the two rules agree with the place in a sorted list', async () => {
    const { relation, embeddings } = madeUp(manyCounts(300), 12, 1.5, 3);
    const ranks = await rank(embeddingScores(embeddings), relation);
    const sorted = sortedRanks(embeddingScores(embeddings), relation, 'against');
    expect([...ranks.imageToText.optimistic]).toEqual(sorted.imageToText);
    expect([...ranks.imageToText.pessimistic]).toEqual(sorted.imageToText);
    expect([...ranks.textToImage.optimistic]).toEqual(sorted.textToImage);
    expect([...ranks.textToImage.pessimistic]).toEqual(sorted.textToImage);
    expect(recallAt(1, ranks.textToImage.optimistic)).toBeLessThan(90); // the set is not trivial
  });

  test('with ties and any number of captions: for the model the best place, against it the worst', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(6), { minLength: 1, maxLength: 150 }).filter((counts) => counts.some((count) => count > 0)),
        fc.nat(),
        async (counts, seed) => {
          const { relation, embeddings } = madeUp(counts, 3, 0.7, seed, 1);
          const source = embeddingScores(embeddings);
          const ranks = await rank(source, relation);
          const best = sortedRanks(source, relation, 'for');
          const worst = sortedRanks(source, relation, 'against');
          expect([...ranks.imageToText.optimistic]).toEqual(best.imageToText);
          expect([...ranks.imageToText.pessimistic]).toEqual(worst.imageToText);
          expect([...ranks.textToImage.optimistic]).toEqual(best.textToImage);
          expect([...ranks.textToImage.pessimistic]).toEqual(worst.textToImage);
        },
      ),
      { numRuns: 30 },
    );
  });
});

test('true scores and best wrong scores are kept, over many blocks', async () => {
  const { relation, embeddings } = madeUp(manyCounts(300), 6, 1, 5);
  const source = embeddingScores(embeddings);
  const { imageToText, textToImage } = await rank(source, relation);
  const scores = wholeMatrix(source);
  const score = (image: number, caption: number): number => scores[image * source.captions + caption];
  textToImage.queries.forEach((caption, query) => {
    const owner = relation.imageOf[caption];
    const wrong = [...relation.imageIds.keys()].filter((image) => image !== owner);
    expect(textToImage.truth[query]).toBe(score(owner, caption));
    expect(textToImage.rival[query]).toBe(Math.max(...wrong.map((image) => score(image, caption))));
  });
  imageToText.queries.forEach((image, query) => {
    const own = [...relation.captionsOf[image]];
    const wrong = [...relation.captionIds.keys()].filter((caption) => relation.imageOf[caption] !== image);
    expect(imageToText.truth[query]).toBe(Math.max(...own.map((caption) => score(image, caption))));
    expect(imageToText.rival[query]).toBe(Math.max(...wrong.map((caption) => score(image, caption))));
  });
});

describe('ties', () => {
  test('move the two rules apart: a model that scores everything alike is perfect or hopeless', async () => {
    const counts = Array.from({ length: 200 }, () => 5);
    const { relation, embeddings } = madeUp(counts, 4, 0, 0);
    const flat = { ...embeddings, images: embeddings.images.fill(0.5), captions: embeddings.captions.fill(0.5) };
    const ranks = await rank(embeddingScores(flat), relation);
    expect(new Set(ranks.imageToText.optimistic)).toEqual(new Set([0]));
    expect(new Set(ranks.textToImage.optimistic)).toEqual(new Set([0]));
    expect(new Set(ranks.imageToText.pessimistic)).toEqual(new Set([995])); // own captions never count against
    expect(new Set(ranks.textToImage.pessimistic)).toEqual(new Set([199]));
  });

  test('are exact across blocks: a copied picture ties with its twin at any depth', async () => {
    const count = 260;
    const { relation, embeddings } = madeUp(
      Array.from({ length: count }, () => 1),
      33,
      0,
      9,
    );
    const images = embeddings.images.slice();
    images.set(images.subarray(0, 33), (count - 1) * 33);
    const { textToImage } = await rank(embeddingScores({ ...embeddings, images }), relation);
    expect(textToImage.pessimistic[0] - textToImage.optimistic[0]).toBe(1);
  });
});

describe('order does not matter', () => {
  const counts = [1, 4, 6, 5, 0, 2, 5, 3];
  const base = madeUp(counts, 3, 1, 21);

  test('captions permuted within an image', async () => {
    const order = base.relation.captionsOf.flatMap((captions) => [...captions].reverse());
    await expectSameRanks(permuted(base.relation, base.embeddings, [...counts.keys()], order));
  });

  test('images permuted together with their captions', async () => {
    const images = new Random(1).shuffle([...counts.keys()]);
    const order = images.flatMap((image) => [...base.relation.captionsOf[image]]);
    await expectSameRanks(permuted(base.relation, base.embeddings, images, order));
  });

  test('captions scattered over the file', async () => {
    const order = new Random(2).shuffle([...base.relation.captionIds.keys()]);
    await expectSameRanks(permuted(base.relation, base.embeddings, [...counts.keys()], order));
  });

  async function expectSameRanks(other: { relation: Relation; embeddings: Embeddings }): Promise<void> {
    const before = await rank(embeddingScores(base.embeddings), base.relation);
    const after = await rank(embeddingScores(other.embeddings), other.relation);
    expect(byId(after, other.relation)).toEqual(byId(before, base.relation));
  }
});

test('images with 1, 4 and 6 captions, and one without: each asks or is only found', async () => {
  // Scores written by hand: rows are images, columns the captions of image 0, of image 1 (four), of image 2 (six).
  const scores = Float32Array.from(
    [
      [0.9, 0.1, 0.2, 0.3, 0.4, 0.95, 0, 0, 0, 0, 0],
      [0.8, 0.5, 0.6, 0.7, 0.1, 0.2, 0, 0, 0, 0, 0],
      [0.7, 0.9, 0.1, 0.1, 0.1, 0.3, 0.6, 0.2, 0.4, 0.5, 0.1],
      [0.85, 0.4, 0.7, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
    ].flat(),
  );
  const ranks = await rank(matrixScores(scores, 11), relation([1, 4, 6, 0]));
  expect([...ranks.imageToText.queries]).toEqual([0, 1, 2]);
  expect([...ranks.imageToText.pessimistic]).toEqual([1, 1, 2]);
  expect([...ranks.textToImage.pessimistic]).toEqual([0, 1, 1, 0, 3, 1, 0, 0, 0, 0, 1]);
  expect([...ranks.textToImage.optimistic]).toEqual([0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0]);
});

test('another product can be injected, and waited for', async () => {
  const { relation, embeddings } = madeUp(manyCounts(150), 8, 1, 4);
  let calls = 0;
  const product = async (
    ...[a, b, { rows, columns, depth }, out]: Parameters<Parameters<typeof embeddingScores>[1] & {}>
  ) => {
    calls++;
    await Promise.resolve();
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = depth; k-- > 0; ) sum += a[i * depth + k] * b[j * depth + k];
        out[i * columns + j] = sum;
      }
    }
  };
  const ranks = await rank(embeddingScores(embeddings, product), relation);
  expect(byId(ranks, relation)).toEqual(byId(await rank(embeddingScores(embeddings), relation), relation));
  expect(calls).toBe(4);
});

test('no block is larger than a few hundred thousand scores, and each is reported', async () => {
  const { relation, embeddings } = madeUp(
    Array.from({ length: 600 }, () => 5),
    2,
    1,
    0,
  );
  const source = embeddingScores(embeddings);
  let largest = 0;
  const watched: ScoreSource = {
    ...source,
    block(imageRows, captionRows, out) {
      largest = Math.max(largest, out.length);
      return source.block(imageRows, captionRows, out);
    },
  };
  const reports: number[] = [];
  const progress = {
    ...silent,
    update: ({ done, total }: { done: number; total?: number | undefined }) => reports.push(done / total!),
  };
  await rank(watched, relation, undefined, progress);
  expect(largest).toBe(128 * 640);
  expect(reports).toHaveLength(25);
  expect(reports.at(-1)).toBe(1);
});

describe('refused', () => {
  test('a score that is not finite, by the ids of its pair', async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const caption of [0, 1400]) {
        const { relation, embeddings } = madeUp(
          Array.from({ length: 300 }, () => 5),
          2,
          1,
          0,
        );
        embeddings.captions[2 * caption] = value;
        const fault = await rank(embeddingScores(embeddings), relation).catch((error: unknown) => error);
        expect(isDiptychError(fault, 'DIPTYCH_EVALUATION_NOT_FINITE')).toBe(true);
        expect(String(fault)).toContain(JSON.stringify(relation.captionIds[caption]));
      }
    }
  });

  test('sizes that do not match', async () => {
    const { relation, embeddings } = madeUp([2, 2], 4, 1, 0);
    const short = { ...embeddings, captions: embeddings.captions.subarray(4) };
    await expect(rank(embeddingScores(short), relation)).rejects.toThrow('captions of the scores: expected 4 rows');
    expect(() => embeddingScores({ ...embeddings, dimension: 3 })).toThrow('rows of 3 numbers');
  });

  test('a split without a caption', async () => {
    for (const { relation, embeddings } of [madeUp([0, 0], 4, 1, 0), madeUp([], 4, 1, 0)]) {
      await expect(rank(embeddingScores(embeddings), relation)).rejects.toThrow('no image has a caption');
    }
  });
});

function relation(counts: readonly number[]): Relation {
  return relationOf(
    counts.map((count, image) => ({
      id: `${image}`,
      captions: Array.from({ length: count }, (_, caption) => ({ id: `${image}#${caption}` })),
    })),
  );
}

function manyCounts(images: number): number[] {
  return Array.from({ length: images }, (_, image) => [5, 1, 4, 6, 0, 2][image % 6]);
}

function wholeMatrix(source: ScoreSource): Float32Array {
  const out = new Float32Array(source.images * source.captions);
  source.block(
    Int32Array.from({ length: source.images }, (_, i) => i),
    Int32Array.from({ length: source.captions }, (_, i) => i),
    out,
  );
  return out;
}

/** The definition: sort the gallery by falling score, and look where the truth stands. */
function sortedRanks(source: ScoreSource, { imageOf, captionsOf }: Relation, ties: 'for' | 'against') {
  const scores = wholeMatrix(source);
  const place = (items: { score: number; own: boolean }[]): number => {
    const first = (own: boolean): number => (own === (ties === 'for') ? 0 : 1);
    return items.sort((a, b) => b.score - a.score || first(a.own) - first(b.own)).findIndex((item) => item.own);
  };
  const asking = captionsOf.flatMap((captions, image) => (captions.length > 0 ? [image] : []));
  return {
    imageToText: asking.map((image) =>
      place(Array.from(imageOf, (owner, c) => ({ score: scores[image * source.captions + c], own: owner === image }))),
    ),
    textToImage: Array.from(imageOf, (owner, c) =>
      place(captionsOf.map((_, image) => ({ score: scores[image * source.captions + c], own: owner === image }))),
    ),
  };
}

function permuted(relation: Relation, embeddings: Embeddings, images: readonly number[], captions: readonly number[]) {
  const { dimension } = embeddings;
  const rows = (matrix: Float32Array, order: readonly number[]): Float32Array =>
    Float32Array.from(order.flatMap((row) => [...matrix.subarray(row * dimension, (row + 1) * dimension)]));
  return {
    relation: relationOfIds(
      images.map((image) => relation.imageIds[image]),
      captions.map((caption) => relation.captionIds[caption]),
      captions.map((caption) => relation.imageIds[relation.imageOf[caption]]),
    ),
    embeddings: { images: rows(embeddings.images, images), captions: rows(embeddings.captions, captions), dimension },
  };
}

function byId(ranks: Ranks, relation: Relation) {
  const named = (direction: DirectionRanks, ids: readonly string[]) =>
    Object.fromEntries(
      Array.from(direction.queries, (query, position) => [
        ids[query],
        [
          direction.optimistic[position],
          direction.pessimistic[position],
          relation.imageIds[direction.images[position]],
        ],
      ]),
    );
  return {
    imageToText: named(ranks.imageToText, relation.imageIds),
    textToImage: named(ranks.textToImage, relation.captionIds),
  };
}
