import { describe, expect, test } from 'vitest';
import { relationOfIds } from '../../evaluation/relation.ts';
import { Random } from '../../random/random.ts';
import { diagnose } from './diagnose.ts';
import { alignment, modalityGap, uniformity } from './geometry.ts';
import { hubnessOf, occurrences, skewness } from './hubness.ts';
import { objectiveCurves } from './objectives.ts';
import { diagnosisPage } from './page.ts';
import { separation, similaritiesOf } from './similarities.ts';
import { eigenvalues, spectrumOf } from './spectrum.ts';

const flat = (...rows: number[][]): Float32Array => Float32Array.from(rows.flat());

describe('hubness', () => {
  test('an item that is near everything is a hub', () => {
    const items = flat([1, 0], [0, 1], [Math.SQRT1_2, Math.SQRT1_2]);
    const queries = flat([0.8, 0.6], [0.6, 0.8], [0.75, 0.66]);
    const counts = occurrences(queries, items, 2, 1);
    expect([...counts]).toEqual([0, 0, 3]);
    expect(hubnessOf(counts, 1, 1)).toMatchObject({ never: 2 / 3, sorted: [3, 0, 0], hubs: [{ item: 2, count: 3 }] });
    // Mean 1, deviations -1, -1, 2: third moment (8 - 2) / 3 = 2, variance 2.
    expect(skewness(counts)).toBeCloseTo(2 / 2 ** 1.5, 12);
    expect(skewness(Int32Array.of(4, 4, 4))).toBe(0);
  });

  test('counts equal those of sorted scores, over several blocks', () => {
    const random = new Random('hubs');
    const draw = (rows: number) => Float32Array.from({ length: rows * 5 }, () => Math.round(4 * random.normal()) / 4);
    const [queries, items] = [draw(300), draw(40)];
    const expected = new Int32Array(40);
    for (let q = 0; q < 300; q++) {
      const scores = Array.from({ length: 40 }, (_, i) => {
        let sum = 0;
        for (let d = 0; d < 5; d++) sum += queries[q * 5 + d] * items[i * 5 + d];
        return sum;
      });
      const order = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
      for (const i of order.slice(0, 7)) expected[i]++;
    }
    expect([...occurrences(queries, items, 5, 7)]).toEqual([...expected]);
  });
});

test('gap, alignment and uniformity of points whose values are known', () => {
  const [east, north, west] = [
    [1, 0],
    [0, 1],
    [-1, 0],
  ];
  expect(modalityGap(flat(east, east), flat(west), 2)).toBe(2);
  expect(modalityGap(flat(east, west), flat(north, [0, -1]), 2)).toBe(0);
  const embeddings = { images: flat(east, north), captions: flat(east, north, west), dimension: 2 };
  // Distances squared: 0, 0, and between north and west 2.
  expect(alignment(embeddings, Int32Array.of(0, 1, 1))).toBeCloseTo(2 / 3, 12);
  expect(uniformity(flat(east, east), 2)).toBe(0);
  expect(uniformity(flat(east, west), 2)).toBeCloseTo(-8, 12);
  expect(uniformity(flat(east, north, west), 2)).toBeCloseTo(Math.log((2 * Math.exp(-4) + Math.exp(-8)) / 3), 12);
});

describe('spectrum', () => {
  test('eigenvalues of known matrices', () => {
    expect(eigenvalues(Float64Array.of(2, 1, 1, 2), 2)).toEqual([expect.closeTo(3, 12), expect.closeTo(1, 12)]);
    expect(eigenvalues(Float64Array.of(5), 1)).toEqual([expect.closeTo(5, 12)]);
    // The second difference of n points: 2 - 2 cos(i pi / (n + 1)).
    const n = 12;
    const chain = Float64Array.from({ length: n * n }, (_, at) => {
      const apart = Math.abs(Math.floor(at / n) - (at % n));
      return apart === 0 ? 2 : apart === 1 ? -1 : 0;
    });
    const expected = Array.from({ length: n }, (_, i) => 2 - 2 * Math.cos(((n - i) * Math.PI) / (n + 1)));
    expect(eigenvalues(chain, n)).toEqual(expected.map((x) => expect.closeTo(x, 10)));
  });

  test('eigenvalues keep trace and sum of squares of a dense matrix', () => {
    const random = new Random('dense');
    const matrix = new Float64Array(400);
    for (let i = 0; i < 20; i++) for (let j = 0; j <= i; j++) matrix[i * 20 + j] = matrix[j * 20 + i] = random.normal();
    const trace = Array.from({ length: 20 }, (_, i) => matrix[21 * i]).reduce((a, b) => a + b);
    const squares = matrix.reduce((sum, x) => sum + x * x, 0);
    const found = eigenvalues(matrix, 20);
    expect(found.reduce((a, b) => a + b)).toBeCloseTo(trace, 9);
    expect(found.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(squares, 8);
    expect(found).toEqual(found.toSorted((a, b) => b - a));
  });

  test.each([
    [
      'along two axes alike',
      [
        [1, 0, 0],
        [-1, 0, 0],
        [0, 1, 0],
        [0, -1, 0],
      ],
      2,
      [0.5, 1, 1],
    ],
    [
      'along one',
      [
        [1, 0, 0],
        [-1, 0, 0],
        [3, 0, 0],
      ],
      1,
      [1, 1, 1],
    ],
    [
      'more dimensions than rows',
      [
        [0, 0, 1],
        [0, 0, -1],
      ],
      1,
      [1, 1],
    ],
    [
      'one point',
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
      1,
      [1, 1],
    ],
  ])('%s', (_, rows, rank, explained) => {
    const found = spectrumOf(flat(...rows), 3);
    expect(found.effectiveRank).toBeCloseTo(rank, 4);
    expect(found.explained).toEqual(explained.map((x) => expect.closeTo(x, 6)));
  });
});

test('percentiles, separation and histograms of scores', () => {
  const scores = Float64Array.of(0, 1, 2, 3, 4);
  expect(separation(Float64Array.of(5, 6), scores)).toBe(1);
  expect(separation(Float64Array.of(-1), scores)).toBe(0);
  expect(separation(Float64Array.of(2, 2), scores)).toBe(0.5);
  expect(separation(scores, scores)).toBe(0.5);
  const found = similaritiesOf({ matched: Float64Array.of(1, 1, 4), random: scores });
  expect(found.matched.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  expect(found.random.filter((share) => share > 0)).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
  expect(found.edges).toHaveLength(61);
  expect(found.edges[60]).toBeCloseTo(4, 12);
  const same = similaritiesOf({ matched: Float64Array.of(1), random: Float64Array.of(1) });
  expect(same.percentiles[0]).toEqual({ percent: 1, matched: 1, random: 1 });
});

test('what each objective contributed', () => {
  const training = [
    { step: 10, epoch: 0, loss: 5, 'hinge.loss': 4, 'kendall.loss': 1, 'kendall.tau': 0.1 },
    { step: 20, epoch: 0, loss: 2, 'hinge.loss': 1, 'kendall.loss': 2, 'kendall.tau': 0.2 },
    { step: 30, epoch: 1, loss: 1, 'hinge.loss': 1, 'kendall.loss': 0 },
  ];
  expect(objectiveCurves(training)).toEqual([
    {
      name: 'hinge',
      points: [
        [10, 4],
        [20, 1],
        [30, 1],
      ],
      first: 4,
      last: 1,
      share: 0.75,
    },
    {
      name: 'kendall',
      points: [
        [10, 1],
        [20, 2],
        [30, 0],
      ],
      first: 1,
      last: 0,
      share: 0.25,
    },
  ]);
  expect(objectiveCurves([{ step: 1, epoch: 0, loss: 3 }])).toEqual([
    { name: 'loss', points: [[1, 3]], first: 3, last: 3, share: null },
  ]);
  expect(objectiveCurves([])).toEqual([]);
});

test('the page of a small space has each plot, the hubs, and nothing from elsewhere', () => {
  const relation = relationOfIds(['a', 'b', '<c>'], ['a0', 'b0', 'b1', 'c0'], ['a', 'b', 'b', '<c>']);
  const unit = (x: number): number[] => [Math.cos(x), Math.sin(x)];
  const embeddings = {
    images: flat(unit(0), unit(1), unit(2)),
    captions: flat(unit(0.1), unit(1), unit(1.2), unit(2.5)),
    dimension: 2,
  };
  const diagnosis = diagnose({
    model: 'run <1>',
    split: 'val',
    embeddings,
    relation,
    k: 2,
    objectives: objectiveCurves([{ step: 1, epoch: 0, loss: 3 }]),
  });
  expect(diagnosis.hubIds.images).toHaveLength(3);
  expect(diagnosis.similarities.separation).toBeGreaterThan(0.9);
  const page = diagnosisPage(diagnosis, {
    captions: ['one', 'two & more', 'three', 'four'],
    thumbnail: () => undefined,
  });
  expect(page).not.toMatch(/<script|<link|url\(|https?:|NaN|undefined/);
  expect(page.match(/<svg/g)).toHaveLength(4);
  expect(page).toContain('run &#60;1&#62;');
  expect(page).toContain('two &#38; more');
});
