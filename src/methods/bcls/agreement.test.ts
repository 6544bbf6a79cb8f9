import { expect, test } from 'vitest';
import { kendall } from '../../evaluation/correlation.ts';
import { relationOfIds } from '../../evaluation/relation.ts';
import { matrixScores } from '../../evaluation/scores.ts';
import { Random } from '../../random/random.ts';
import { relevanceAgreement } from './agreement.ts';
import type { Relevance } from './relevance/relevance.ts';
import { given } from './testing/given.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Images 0, 1, … and captions 0, 1, …, of which caption c belongs to image `owners[c]`. */
const relation = (images: number, owners: readonly number[]) =>
  relationOfIds(range(images).map(String), range(owners.length).map(String), owners.map(String));

const ids = relation(3, [0, 1, 1, 2]);
const degrees = [
  [1, 0.4, 0.2, 0],
  [0.3, 1, 0.1, 0.2],
  [0, 0, 0, 0],
];
const random = new Random('agreement');
const scores = Float64Array.from({ length: 12 }, () => random.normal());
const negative = (values: Float64Array) => values.map((x) => -x);

test('is the mean of the taus of all anchors that have one', async () => {
  const found = await relevanceAgreement(matrixScores(scores, 4), ids, given(degrees));
  const rows = [0, 1].map((i) => kendall(scores.subarray(4 * i, 4 * i + 4), degrees[i]).tauB!);
  const columns = range(4).map(
    (j) =>
      kendall(
        [0, 1, 2].map((i) => scores[4 * i + j]),
        degrees.map((row) => row[j]),
      ).tauB!,
  );
  expect(found.imageToText.tau).toBeCloseTo((rows[0] + rows[1]) / 2, 12);
  expect(found.textToImage.tau).toBeCloseTo(columns.reduce((a, b) => a + b) / 4, 12);
  expect(found.tau).toBeCloseTo((found.imageToText.tau! + found.textToImage.tau!) / 2, 12);
  expect([found.imageToText.anchors, found.textToImage.anchors]).toEqual([2, 4]);
});

test('is 1 for scores in the order of relevance, -1 for the opposite, and null without order', async () => {
  const rising = Float64Array.from(degrees.slice(0, 2).flat());
  const two = relation(2, [0, 1, 1, 0]);
  const own = await relevanceAgreement(matrixScores(rising, 4), two, given(degrees));
  expect([own.imageToText.tau, own.textToImage.tau]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)]);
  const opposite = await relevanceAgreement(matrixScores(negative(rising), 4), two, given(degrees));
  expect(opposite.tau).toBeCloseTo(-1, 12);
  const none = { tau: null, tauAt: {}, ncsAt: { 1: null }, anchors: 0 };
  const flat = await relevanceAgreement(matrixScores(scores, 4), ids, given(degrees.map((row) => row.map(() => 0))));
  expect(flat).toEqual({ tau: null, imageToText: none, textToImage: none });
});

test('takes at most so many anchors, spread over the split', async () => {
  const seen: number[] = [];
  const watching: Relevance = {
    fingerprint: '',
    block: (images, captions, out) => {
      if (images.length === 1) seen.push(images[0]);
      out.fill(0).set(captions.slice(0, 1));
    },
  };
  const many = relation(
    10,
    range(20).map((caption) => Math.floor(caption / 2)),
  );
  await relevanceAgreement(matrixScores(new Float64Array(200), 20), many, watching, { anchors: 4 });
  expect(seen).toEqual([0, 2, 5, 7]);
});

test('NCS@K leaves the ground truth out, and adds relevance up over anchors', async () => {
  const { imageToText, textToImage } = await relevanceAgreement(
    matrixScores(
      Float64Array.from(
        [
          [0.9, 0.1, 0.8, 0.2],
          [0.6, 0.7, 0.5, 0.1],
          [0.3, 0.2, 0.1, 0],
        ].flat(),
      ),
      4,
    ),
    ids,
    given(degrees),
  );
  // The first wrong captions: 2 (0.2 of 0.4 at best), 0 (0.3, the best), 0 (0 of 0); the first wrong images: 1, 2, 0, 0.
  expect(imageToText.ncsAt).toEqual({ 1: expect.closeTo((0.2 + 0.3) / (0.4 + 0.3), 6) });
  expect(textToImage.ncsAt).toEqual({ 1: expect.closeTo((0.3 + 0 + 0.2 + 0) / (0.3 + 0.4 + 0.2 + 0.2), 6) });
});

test('without cutoffs it is tau alone', async () => {
  const all = await relevanceAgreement(matrixScores(scores, 4), ids, given(degrees));
  const alone = await relevanceAgreement(matrixScores(scores, 4), ids, given(degrees), {
    cutoffs: { tau: [], ncs: [] },
  });
  const without = { tauAt: {}, ncsAt: {} };
  expect(all.imageToText.ncsAt).not.toEqual({});
  expect(alone).toEqual({
    tau: all.tau,
    imageToText: { ...all.imageToText, ...without },
    textToImage: { ...all.textToImage, ...without },
  });
});

test('Tau@K sees the K that score highest; a K beyond the candidates is left out', async () => {
  const [images, captions] = [60, 120];
  const split = relation(
    images,
    range(captions).map((caption) => Math.floor(caption / 2)),
  );
  // Relevance falls over the first 50 that a score of -candidate retrieves, and rises over all that follow.
  const degree = (candidate: number) => (candidate < 50 ? 1 - candidate / 100 : candidate / 1000);
  const alike = (of: (image: number, caption: number) => number) =>
    range(images).map((image) => range(captions).map((caption) => of(image, caption)));
  const table = alike((image, caption) => degree(caption) + degree(image));
  const falling = Float64Array.from(alike((image, caption) => -image - caption).flat());
  const { imageToText, textToImage } = await relevanceAgreement(matrixScores(falling, captions), split, given(table));
  expect(imageToText.tauAt).toEqual({ 50: expect.closeTo(1, 12), 100: expect.any(Number) });
  expect(imageToText.tauAt[100]).toBeLessThan(0.8);
  expect(textToImage.tauAt).toEqual({ 50: expect.closeTo(1, 12) });
  expect(Object.keys(textToImage.ncsAt)).toEqual(['1', '5', '10']);
});
