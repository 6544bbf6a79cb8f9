import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kendall } from './correlation.ts';
import { cumulativeRelevance, normalisedCumulative, rankCandidates, tauAt } from './graded.ts';

const scores = [0.1, 0.9, 0.5, 0.7, 0.3];
const relevance = [0.4, 0.2, 0, 0.8, 0.6];

describe('a ranking of five', () => {
  const ranked = rankCandidates(scores, relevance);

  test('goes from the best score down', () => {
    expect(ranked.order).toEqual([1, 3, 2, 4, 0]);
    expect([...ranked.scores]).toEqual([0.9, 0.7, 0.5, 0.3, 0.1]);
    expect([...ranked.relevance]).toEqual([0.2, 0.8, 0, 0.6, 0.4]);
  });

  // Pairs of the top 3 in order: (0.2, 0.8) wrong, (0.2, 0) right, (0.8, 0) right. The fourth adds wrong, right, wrong.
  test('Tau@K by hand', () => {
    expect(tauAt(2, ranked)).toBe(-1);
    expect(tauAt(3, ranked)).toBeCloseTo(1 / 3, 12);
    expect(tauAt(4, ranked)).toBeCloseTo((3 - 3) / 6, 12);
    expect(tauAt(1, ranked)).toBeNull();
  });

  test('NCS@K by hand', () => {
    const at = (k: number) => normalisedCumulative([cumulativeRelevance(k, ranked.relevance)]);
    expect(at(1)).toBeCloseTo(0.2 / 0.8, 12);
    expect(at(2)).toBeCloseTo((0.2 + 0.8) / (0.8 + 0.6), 12);
    expect(at(3)).toBeCloseTo((0.2 + 0.8 + 0) / (0.8 + 0.6 + 0.4), 12);
    expect(at(5)).toBeCloseTo(1, 12);
    expect(at(100)).toBeCloseTo(1, 12);
  });
});

test('anchors weigh by how much relevance there is for them; where there is none at all it is not defined', () => {
  const rich = cumulativeRelevance(1, Float64Array.of(0, 0.9, 0.1));
  const poor = cumulativeRelevance(1, Float64Array.of(0.1, 0));
  expect(normalisedCumulative([rich, poor])).toBeCloseTo(0.1 / (0.9 + 0.1), 12);
  expect(normalisedCumulative([cumulativeRelevance(2, new Float64Array(3))])).toBeNull();
  expect(normalisedCumulative([])).toBeNull();
});

test('a model that gives all one score gathers the least there is, and has no tau', () => {
  const ranked = rankCandidates([1, 1, 1], [0.5, 0, 0.25]);
  expect([...ranked.relevance]).toEqual([0, 0.25, 0.5]);
  expect(tauAt(2, ranked)).toBeNull();
});

const candidates = fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 5 })), {
  minLength: 1,
  maxLength: 30,
});

describe('any candidates', () => {
  test('each of the top K scores at least as high as all below; Tau@K is that of all pairs among them', () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 35 }), (list, k) => {
        const ranked = rankCandidates(
          list.map(([score]) => score),
          list.map(([, degree]) => degree),
        );
        const top = ranked.order.slice(0, k);
        const rest = ranked.order.slice(k);
        for (const above of top)
          for (const below of rest) expect(list[above][0]).toBeGreaterThanOrEqual(list[below][0]);
        let [agreeing, s, c] = [0, 0, 0];
        for (const i of top) {
          for (const j of top) {
            const [x, y] = [0, 1].map((at) => Math.sign(list[i][at] - list[j][at]));
            agreeing += x * y;
            s += x * x;
            c += y * y;
          }
        }
        const expected = s * c === 0 ? null : expect.closeTo(agreeing / Math.sqrt(s * c), 12);
        expect(tauAt(k, ranked)).toEqual(expected);
      }),
    );
  });

  test('of all of them, Tau@K is Kendall’s tau', () => {
    fc.assert(
      fc.property(candidates, (list) => {
        const [s, c] = [list.map(([score]) => score), list.map(([, degree]) => degree)];
        expect(tauAt(list.length, rankCandidates(s, c))).toBe(kendall(s, c).tauB);
      }),
    );
  });

  test('NCS@K: no set of K gathers more, and scores in the order of relevance gather all', () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 6 }), (list, k) => {
        const degrees = Float64Array.from(list, ([, degree]) => degree);
        const { gathered, ideal } = cumulativeRelevance(k, degrees);
        expect(gathered).toBe(degrees.slice(0, k).reduce((a, b) => a + b, 0));
        // The most by taking the best of what is left, K times.
        const left = [...degrees];
        let most = 0;
        for (let i = 0; i < k && left.length > 0; i++) most += left.splice(left.indexOf(Math.max(...left)), 1)[0];
        expect(ideal).toBe(most);
        expect(cumulativeRelevance(k, rankCandidates(degrees, degrees).relevance).gathered).toBe(most);
      }),
    );
  });
});
