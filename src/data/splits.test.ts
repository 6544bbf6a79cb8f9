/** @file Splits by hash: a function of the id alone, stable as data grows, of the stated shares; names as files have them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitNamed, splitOf } from './splits.ts';

const fractions = { train: 0.8, val: 0.1, test: 0.1 };

test('the split of an id never changes', () => {
  // Values that must not change: a changed split would move images that were trained on into the test split.
  const ids = ['a.jpg', 'b.jpg', 'c.jpg', '1000268201_693b08cb0e.jpg', 'é'];
  const halves = { seed: 7, fractions: { train: 0.4, val: 0.3, test: 0.3 } };
  expect(ids.map((id) => splitOf(id, halves))).toMatchInlineSnapshot(`
    [
      "val",
      "test",
      "val",
      "val",
      "train",
    ]
  `);
});

test('shares come out as stated', () => {
  const counts = { train: 0, val: 0, test: 0 };
  for (let i = 0; i < 20_000; i++) counts[splitOf(`image-${i}.jpg`, { seed: 1, fractions })] += 1;
  expect(Math.abs(counts.train / 20_000 - 0.8)).toBeLessThan(0.01);
  expect(Math.abs(counts.val / 20_000 - 0.1)).toBeLessThan(0.007);
  expect(Math.abs(counts.test / 20_000 - 0.1)).toBeLessThan(0.007);
});

test('another seed splits anew, larger val and test shares only take from train', () => {
  const moved = Array.from({ length: 1000 }, (_, i) => `${i}`).filter(
    (id) => splitOf(id, { seed: 1, fractions }) !== splitOf(id, { seed: 2, fractions }),
  );
  expect(moved.length).toBeGreaterThan(200);
  fc.assert(
    fc.property(fc.string(), fc.nat(), (id, seed) => {
      const before = splitOf(id, { seed, fractions });
      const after = splitOf(id, { seed, fractions: { train: 0.5, val: 0.25, test: 0.25 } });
      if (before !== 'train') expect(after).toBe(before);
    }),
  );
});

test.each([
  { train: 0.8, val: 0.1, test: 0.2 },
  { train: 1.2, val: -0.1, test: -0.1 },
  { train: Number.NaN, val: 0.5, test: 0.5 },
])('fractions %o are refused', (wrong) => {
  expect(() => splitOf('a', { seed: 0, fractions: wrong })).toThrow('cannot split');
});

test('names of splits are those that files use', () => {
  expect(['train', 'dev', ' Validation ', 'testall', 'restval'].map(splitNamed)).toEqual([
    'train',
    'val',
    'val',
    'test',
    'restval',
  ]);
  expect([splitNamed('constructor'), splitNamed(''), splitNamed('fold1')]).toEqual([undefined, undefined, undefined]);
});
