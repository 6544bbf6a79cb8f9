import { expect, test } from 'vitest';
import { lookOf, reportSchema } from './report.ts';
import type { Space } from './space.ts';

const direction = { r1: 1, r5: 2, r10: 3, medianRank: 4, meanRank: 5 };
const space: Space = {
  images: 2,
  modalityGap: 0.4,
  hubness: { images: { skewness: 1, never: 0 }, captions: { skewness: 1, never: 0 } },
  spectrum: { images: { effectiveRank: 2, dimension: 4 } },
  similarities: { separation: 1 },
};

test('every picture of a sample is found at its address, whatever its id', () => {
  const half = { id: 'half \ud83d.png', path: '/pictures/half.png' };
  const slash = { id: 'a/b c.png', path: '/pictures/slash.png' };
  const retrieved = { ...slash, score: 0.5, own: false };
  const sample = { direction: 'imageToText', query: half, image: half, rank: 1, score: 1, margin: null };
  const report = reportSchema.parse({
    title: 'run',
    split: 'val',
    images: 2,
    captions: 2,
    rsum: 100,
    chance: { rsum: 10 },
    ties: { imageQueries: 0, textQueries: 0 },
    imageToText: direction,
    textToImage: direction,
    curves: { k: [], imageToText: [], textToImage: [], chance: [] },
    histogram: { bins: [], imageToText: [], textToImage: [] },
    examples: {
      best: [{ ...sample, retrieved: [retrieved, { id: 'text 1', text: 'a', score: 0.1, own: true }] }],
      worst: [],
    },
  });
  const { look, pictures } = lookOf('run 1', 'last', report, space);
  const [{ query, retrieved: found }] = look.best;
  const fileAt = (address = '') => pictures.get(decodeURIComponent(address.split('/').at(-1)!));
  expect(query.id).toBe(half.id);
  expect(query.thumbnail).toMatch(/^\/v1\/runs\/run%201\/pictures\//);
  expect([query, ...found].map(({ thumbnail }) => fileAt(thumbnail))).toEqual([half.path, slash.path, undefined]);
  expect(found[1]).not.toHaveProperty('thumbnail');
  expect(JSON.stringify(look)).not.toContain('/pictures/half.png');
});
