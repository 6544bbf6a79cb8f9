import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import { kendall, spearman } from './correlation.ts';

const golden: { x: number[]; y: number[]; tauB: number; tauC: number; spearman: number } = JSON.parse(
  readFileSync(new URL('./golden/correlation.json', import.meta.url), 'utf8'),
);

test('golden: SciPy on 200 tied pairs', () => {
  const { tauB, tauC } = kendall(golden.x, golden.y);
  expect(tauB).toBeCloseTo(golden.tauB, 14);
  expect(tauC).toBeCloseTo(golden.tauC, 14);
  expect(spearman(golden.x, golden.y)).toBeCloseTo(golden.spearman, 14);
});

test('the worked case: counts, both taus, and their signs', () => {
  const x = [0.1, 0.4, 0.35, 0.8, 0.6, 0.6];
  const y = [1, 2, 2, 4, 3, 1];
  const found = kendall(x, y);
  expect(found).toMatchObject({ concordant: 10, discordant: 2, tiedX: 1, tiedY: 2 });
  expect(found.tauB).toBeCloseTo(0.592999, 6);
  expect(found.tauC).toBeCloseTo(0.592593, 6);
  const turned = kendall(
    x.map((value) => -value),
    y,
  );
  expect(turned.tauB).toBe(-found.tauB!);
  expect(turned.tauC).toBe(-found.tauC!);
});

describe('not defined is null, never 0 / 0', () => {
  test.each([
    { of: 'a constant x', x: [2, 2, 2], y: [1, 2, 3] },
    { of: 'a constant y', x: [1, 2, 3], y: [0, -0, 0] },
    { of: 'one point', x: [1], y: [1] },
    { of: 'no point', x: [], y: [] },
  ])('$of', ({ x, y }) => {
    expect(kendall(x, y)).toMatchObject({ concordant: 0, discordant: 0, tauB: null, tauC: null });
    expect(spearman(x, y)).toBeNull();
  });
});

/** Values with many ties, both zeros and both infinities. */
const value = fc.constantFrom(
  -3,
  -1,
  -0,
  0,
  0.5,
  0.5 + Number.EPSILON,
  2,
  1e300,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
);
const points = fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 60 });

test('merge sort finds what counting every pair finds', () => {
  fc.assert(
    fc.property(points, (pairs) => {
      const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      expect(kendall(x, y)).toEqual(byDefinition(x, y));
    }),
  );
});

test('order of the points and any increasing transformation leave all three unchanged', () => {
  fc.assert(
    fc.property(points, fc.nat(), (pairs, seed) => {
      const [x, y] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      const shuffled = new Random(seed).shuffle([...pairs]);
      const levels = [...new Set(x.map((level) => level + 0))].sort((a, b) => compare(a, b));
      const [u, v] = [shuffled.map(([a]) => levels.indexOf(a + 0) ** 3 - 7), shuffled.map(([, b]) => b)];
      expect(kendall(u, v)).toEqual(kendall(x, y));
      expect(spearman(u, v)).toBe(spearman(x, y));
    }),
  );
});

test('a score with itself is 1, and stays exact for as many points as the crowd file has', () => {
  const random = new Random(4);
  const x = Float64Array.from({ length: 47_830 }, () => random.uniform());
  expect(kendall(x, x).tauB).toBeCloseTo(1, 14);
  expect(kendall(x, x).concordant).toBe((47_830 * 47_829) / 2);
  expect(spearman(x, x)).toBeCloseTo(1, 12);
});

test('NaN and unequal lengths are refused', () => {
  expect(() => kendall([1, Number.NaN], [1, 2])).toThrow('value 1 of a correlation is NaN');
  expect(() => spearman([1, 2, 3], [1, 2])).toThrow('expected 3, found 2');
});

/** The definition, pair by pair: O(n^2). */
function byDefinition(x: readonly number[], y: readonly number[]) {
  const counts = { concordant: 0, discordant: 0, tiedX: 0, tiedY: 0 };
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) {
      const [dx, dy] = [Math.sign(compare(x[i], x[j])), Math.sign(compare(y[i], y[j]))];
      if (dx * dy > 0) counts.concordant++;
      else if (dx * dy < 0) counts.discordant++;
      else if (dx === 0 && dy !== 0) counts.tiedX++;
      else if (dx !== 0 && dy === 0) counts.tiedY++;
    }
  }
  const n = x.length;
  const { concordant, discordant, tiedX, tiedY } = counts;
  const m = Math.min(distinct(x), distinct(y));
  const strict = concordant + discordant;
  if (m < 2) return { ...counts, tauB: null, tauC: null };
  return {
    ...counts,
    tauB: expect.closeTo((concordant - discordant) / Math.sqrt((strict + tiedX) * (strict + tiedY)), 12),
    tauC: expect.closeTo((2 * (concordant - discordant)) / (n ** 2 * ((m - 1) / m)), 12),
  };
}

function compare(a: number, b: number): number {
  return a > b ? 1 : a < b ? -1 : 0;
}

function distinct(values: readonly number[]): number {
  return new Set(values.map((value) => value + 0)).size;
}
