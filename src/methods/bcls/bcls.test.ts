import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DiptychError } from '../../errors/error.ts';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { constant, input } from '../../graph/ops/leaves.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectGradient, normalValue } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import { leavesOf } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import { expectGolden, type GoldenArray, type GoldenCase, numbersOf, readGolden } from '../../nn/testing/golden.ts';
import { Random } from '../../random/random.ts';
import type { Scene } from '../objective.ts';
import { sameImage } from '../objectives/relation.ts';
import { relevanceFeeds } from './feeds.ts';
import { relevanceObjective, tripletObjective } from './objective.ts';
import { type Ranking, rankingLoss, windowRange, windowStarts } from './ranking.ts';
import { given } from './testing/given.ts';

type Name = 'triplet_soft_negative' | 'kendall_gap' | 'kendall_window_A' | 'kendall_window_B' | 'hinge_hardest';
const golden = readGolden<
  Record<Name, GoldenCase & Record<'margin' | 'temperature' | 'gap' | 'window', number>> &
    Record<'imageIds' | 'relevance', GoldenArray>
>('../objectives/golden/losses.json', import.meta.url);

const size = 6;
const relevance = input('relevance', [size, size]);
const same = sameImage(constant(golden.imageIds.data, [size], 'int32'));
const feeds: [string, Value][] = [['relevance', numbersOf(golden.relevance)]];
const sceneOf = (scores: Tensor, twins = same) =>
  ({ scores, sameImage: twins, pairs: scores.shape[0] as number }) as Scene;
const windowed = (variant: 'A' | 'B' | 'C', window: number, margin = 0): Ranking => ({
  form: 'window',
  variant,
  window,
  margin,
});

describe('golden values and gradients, as objectives', () => {
  const { temperature, margin } = golden.triplet_soft_negative;
  const negatives = { form: 'logSumExp', temperature } as const;
  const ranked = (ranking: Ranking) => (scores: Tensor) =>
    relevanceObjective({ pairs: size, ranking }).term({}, {}, { relevance }, sceneOf(scores)).loss;

  test.each<[Name, (scores: Tensor) => Tensor]>([
    ['triplet_soft_negative', (s) => tripletObjective({ margin, negatives }).term({}, {}, {}, sceneOf(s)).loss],
    ['kendall_gap', ranked({ form: 'gap', gap: golden.kendall_gap.gap })],
    ['kendall_window_A', ranked(windowed('A', golden.kendall_window_A.window))],
    ['kendall_window_B', ranked(windowed('B', golden.kendall_window_B.window))],
  ])('%s', async (name, loss) => {
    await expectGolden(golden[name], ({ S }) => loss(S), { feeds });
  });

  test('the hardest negative alone is a mean over anchors', () => {
    const scores = numbersOf(golden.hinge_hardest.inputs.S);
    const { loss } = tripletObjective({ margin: 0.2, negatives: { form: 'hardest' } }).term(
      {},
      {},
      {},
      sceneOf(input('S', [size, size])),
    );
    const [value] = evaluate([loss], new Map([['S', scores]]));
    expect(value.data[0]).toBeCloseTo(golden.hinge_hardest.output.data[0] / (2 * size), 7);
  });
});

/** Numbers by row and column, and the same turned round. */
type Matrix = (i: number, j: number) => number;
const at =
  (value: Value): Matrix =>
  (i, j) =>
    value.data[i * value.shape[1] + j];
const turned =
  (matrix: Matrix): Matrix =>
  (i, j) =>
    matrix(j, i);
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The formulas as loops; ties of relevance in the order of scores. */
function brute(s: Matrix, c: Matrix, count: number, ranking: Ranking): number {
  const { surrogate = { form: 'hinge' } } = ranking;
  const hinge = (x: number) => {
    if (surrogate.form === 'hinge') return Math.max(0, x);
    const y = x / surrogate.temperature;
    return surrogate.form === 'sigmoid' ? 1 / (1 + Math.exp(-y)) : Math.tanh(y);
  };
  const direction = (s: Matrix, c: Matrix): number => {
    let total = 0;
    let comparisons = 0;
    for (const i of range(count)) {
      const order = range(count).sort((j, k) => c(i, k) - c(i, j) || s(i, k) - s(i, j));
      const z = order.map((j) => s(i, j));
      const terms: number[] = [];
      if (ranking.form === 'window') {
        const { variant, window: w, margin } = ranking;
        if (variant === 'A') for (let p = 0; p < count - w; p++) terms.push(Math.max(...z.slice(p + w)) - z[p]);
        if (variant === 'B')
          for (let e = 1; e < count - w; e++) terms.push(Math.max(...z.slice(e + w)) - Math.min(...z.slice(0, e)));
        if (variant === 'C')
          for (let start = 0; start + w <= count; start += Math.max(1, Math.floor(w / 2))) {
            const inside = z.slice(start, start + w);
            terms.push(Math.max(...inside.flatMap((zq, q) => inside.slice(0, q).map((zp) => zq - zp))));
          }
        total += terms.reduce((sum, term) => sum + hinge(term + margin), 0) / terms.length;
      } else {
        const gap = ranking.form === 'gap' ? ranking.gap : 0;
        const margin = ranking.form === 'full' ? ranking.margin : 0;
        for (const j of range(count))
          for (const k of range(count))
            if (c(i, j) - c(i, k) > gap) {
              comparisons++;
              total += hinge(s(i, k) - s(i, j) + margin);
            }
      }
    }
    if (ranking.form === 'gap') return total / Math.max(1, comparisons);
    return ranking.form === 'full' ? (2 * total) / (count * count * (count - 1)) : total / count;
  };
  return (direction(s, c) + direction(turned(s), turned(c))) / 2;
}

const anyRanking = (count: number): fc.Arbitrary<Ranking> => {
  const margin = fc.constantFrom(0, 0.05);
  const windows = (['A', 'B', 'C'] as const).map((variant) => {
    const { least, most } = windowRange(count, variant);
    return fc.record({
      form: fc.constant('window' as const),
      variant: fc.constant(variant),
      window: fc.integer({ min: least, max: most }),
      margin,
    });
  });
  const surrogate = fc.constantFrom<NonNullable<Ranking['surrogate']>>(
    { form: 'hinge' },
    { form: 'sigmoid', temperature: 0.5 },
    { form: 'tanh', temperature: 0.5 },
  );
  const forms = fc.oneof(
    fc.record({ form: fc.constant('gap' as const), gap: fc.constantFrom(0, 0.31) }),
    fc.record({ form: fc.constant('full' as const), margin }),
    ...windows,
  );
  return fc.tuple(forms, surrogate).map(([form, surrogate]) => ({ ...form, surrogate }));
};

describe('ranking losses', () => {
  test('vectorised equals loops, with and without ties, in value and gradient, here and in ONNX Runtime', async () => {
    const property = fc.integer({ min: 3, max: 9 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        ranking: anyRanking(count),
        seed: fc.nat(),
        // Few levels make many ties.
        levels: fc.constantFrom(3, 50),
      }),
    );
    await fc.assert(
      fc.asyncProperty(property, async ({ count, ranking, seed, levels }) => {
        const random = new Random(seed);
        const scores = normalValue([count, count], seed, 'scores');
        const degrees: Value = {
          shape: [count, count],
          data: Float64Array.from({ length: count * count }, () => Math.round(random.uniform() * levels) / levels),
        };
        const inputs = [input('S', [count, count]), input('C', [count, count])] as const;
        const { loss } = rankingLoss(...inputs, ranking);
        const fed = new Map([
          ['S', scores],
          ['C', degrees],
        ]);
        const expected = brute(at(scores), at(degrees), count, ranking);
        expect(evaluate([loss], fed)[0].data[0]).toBeCloseTo(expected, 6);
        expect((await runOnnx([loss], fed))[0].data[0]).toBeCloseTo(expected, 4);
        const slope = gradient(loss, { S: inputs[0] }).S;
        const [analytic] = evaluate([slope], fed);
        for (const place of [0, count + 1, count * count - 1]) {
          const moved = (by: number) => {
            const data = Float64Array.from(scores.data);
            data[place] += by;
            return brute(at({ shape: scores.shape, data }), at(degrees), count, ranking);
          };
          expect(analytic.data[place]).toBeCloseTo((moved(1e-6) - moved(-1e-6)) / 2e-6, 4);
        }
      }),
      { numRuns: 40 },
    );
  });

  const S = input('S', [size, size]);
  const scores = normalValue([size, size], 'bcls');
  const fed = (more: [string, Value][] = []) => new Map([...feeds, ['S', scores] as const, ...more]);
  const all: Ranking[] = [
    { form: 'gap', gap: 0.1 },
    { form: 'full', margin: 0 },
    windowed('A', 2),
    windowed('B', 2),
    windowed('C', 3),
  ];

  test.each(all)('scores in the order of relevance cost nothing: %o', (ranking) => {
    const grown = { shape: [size, size], data: numbersOf(golden.relevance).data.map((c) => 2 * c ** 3 - 1) };
    expect(evaluate([rankingLoss(S, relevance, ranking).loss], fed([['S', grown]]))[0].data[0]).toBe(0);
    expect(evaluate([rankingLoss(S, relevance, ranking).loss], fed())[0].data[0]).toBeGreaterThan(0);
  });

  test.each(all)('no gradient reaches relevance, and relevance turns with the scores: %o', (ranking) => {
    const { loss } = rankingLoss(S, relevance, ranking);
    const [slope] = evaluate([gradient(loss, { relevance }).relevance], fed());
    expect([...slope.data]).toEqual(Array(size * size).fill(0));
    const flip = ({ data }: Value): Value => ({
      shape: [size, size],
      data: data.map((_, i) => data[(i % size) * size + Math.floor(i / size)]),
    });
    const both = evaluate(
      [loss],
      fed([
        ['S', flip(scores)],
        ['relevance', flip(feeds[0][1])],
      ]),
    );
    expect(both[0].data[0]).toBeCloseTo(evaluate([loss], fed())[0].data[0], 12);
    const one = evaluate([loss], fed([['S', flip(scores)]]));
    expect(one[0].data[0]).not.toBeCloseTo(both[0].data[0], 4);
  });

  const windows: Ranking[] = all.slice(2);

  test.each(windows)('where all is equally relevant, loss and gradient are zero: %o', async (ranking) => {
    const { loss } = rankingLoss(S, relevance, ranking);
    const even = { shape: [size, size], data: new Float64Array(size * size).fill(1) };
    const tensors = [loss, gradient(loss, { S }).S];
    for (const results of [
      evaluate(tensors, fed([['relevance', even]])),
      await runOnnx(tensors, fed([['relevance', even]])),
    ])
      for (const { data } of results) expect([...data].every((x) => x === 0)).toBe(true);
  });

  test.each([0, 0.05])(
    'variant A with W = 1 holds the hardest-negative hinge as its term p = 1, margin %d',
    (margin) => {
      // Negatives in the order of relevance, further apart than the margin: then only the match can be beaten.
      const degrees = normalValue([size, size], 'degrees').data.map((x, i) => (i % 7 === 0 ? 10 : x));
      const ordered = degrees.map((c, i) => (i % 7 === 0 ? normalValue([1], 'pair', i).data[0] : 100 * c));
      const distinct = sameImage(constant(range(size), [size], 'int32'));
      const hard = tripletObjective({ margin, negatives: { form: 'hardest' } }).term({}, {}, {}, sceneOf(S, distinct));
      const results = evaluate(
        [rankingLoss(S, relevance, windowed('A', 1, margin)).loss, hard.loss],
        fed([
          ['S', { shape: [size, size], data: ordered }],
          ['relevance', { shape: [size, size], data: degrees }],
        ]),
      );
      const [ranked, triplet] = results.map(({ data }) => data[0]);
      expect(triplet).toBeGreaterThan(1);
      expect(ranked).toBeCloseTo(triplet / (size - 1), 5);
    },
  );

  test('smooth steps: tanh is the mean of Kendall’s tau, negative, as the temperature falls; sigmoid the share of wrong orders', () => {
    const sharp = (form: 'sigmoid' | 'tanh') => {
      const { loss } = rankingLoss(S, relevance, { form: 'gap', gap: 0, surrogate: { form, temperature: 1e-6 } });
      return evaluate([loss], fed())[0].data[0];
    };
    const direction = (s: Matrix, c: Matrix) => {
      const triples = range(size).flatMap((i) =>
        range(size).flatMap((j) =>
          range(size)
            .filter((k) => c(i, j) > c(i, k))
            .map((k) => Math.sign(s(i, j) - s(i, k))),
        ),
      );
      return triples.reduce((a, b) => a + b) / triples.length;
    };
    const [s, c] = [at(scores), at(feeds[0][1])];
    const tau = (direction(s, c) + direction(turned(s), turned(c))) / 2;
    expect(sharp('tanh')).toBeCloseTo(-tau, 6);
    expect(sharp('sigmoid')).toBeCloseTo((1 - tau) / 2, 6);
  });

  test('all negatives equally irrelevant: variant A is the hardest-negative hinge of each anchor, and no more', () => {
    const identity = {
      shape: [size, size],
      data: Float64Array.from({ length: size * size }, (_, i) => +(i % 7 === 0)),
    };
    const { loss } = rankingLoss(S, relevance, windowed('A', 1));
    const distinct = sameImage(constant([0, 1, 2, 3, 4, 5], [size], 'int32'));
    const hard = tripletObjective({ margin: 0, negatives: { form: 'hardest' } }).term({}, {}, {}, sceneOf(S, distinct));
    const [ranked, triplet] = evaluate([loss, hard.loss], fed([['relevance', identity]]));
    expect(ranked.data[0]).toBeCloseTo(triplet.data[0] / (size - 1), 6);
  });

  test('where no pair passes the gap, loss and gradient are zero', () => {
    const { loss } = rankingLoss(S, relevance, { form: 'gap', gap: 3 });
    const results = evaluate([loss, gradient(loss, { S }).S], fed());
    for (const { data } of results) expect([...data]).toEqual(Array(data.length).fill(0));
  });

  test('windows that overlap by half', () => {
    expect(windowStarts(8, 4)).toEqual([0, 2, 4]);
    expect(windowStarts(6, 6)).toEqual([0]);
    expect(windowStarts(4, 2)).toEqual([0, 1, 2]);
  });

  test.each([
    ['A', 8, 8],
    ['B', 7, 8],
    ['C', 1, 8],
    ['C', 9, 8],
    ['A', 0, 8],
    ['A', 2.5, 8],
    ['A', 1, 1],
    ['B', 1, 2],
  ] as const)('variant %s: a window of %d does not fit %d pairs', (variant, window, pairs) => {
    const make = () => relevanceObjective({ pairs, ranking: windowed(variant, window) });
    expect(make).toThrow(expect.objectContaining({ code: 'DIPTYCH_BCLS_WINDOW' }));
    expect(make).toThrow(DiptychError);
  });

  test.each([
    ['A', 7],
    ['B', 6],
    ['C', 8],
    ['C', 2],
  ] as const)('variant %s: a window of %d fits 8 pairs', (variant, window) => {
    expect(() => relevanceObjective({ pairs: 8, ranking: windowed(variant, window) })).not.toThrow();
  });
});

describe('the parts', () => {
  const options = { margin: 0.2, negatives: { form: 'logSumExp', temperature: 0.01 } } as const;

  test('leave nothing in the state of a run, so that a trained model knows no relevance', () => {
    for (const objective of [
      tripletObjective(options),
      relevanceObjective({ pairs: size, ranking: windowed('A', 2) }),
    ]) {
      const term = objective.term({}, {}, { relevance }, sceneOf(input('S', [size, size])));
      expect([leavesOf(objective.parameters), leavesOf(objective.memory), leavesOf(term.memory)]).toEqual([[], [], []]);
      expect(objective.settle).toBeUndefined();
    }
  });

  test('softplus of the log-sum-exp at a temperature is the log of one and the sum', () => {
    const [values, t] = [[0.3, -0.1, 0.25], 0.02];
    const smooth = t * Math.log(values.reduce((sum, x) => sum + Math.exp(x / t), 0));
    const softplus = t * Math.log1p(Math.exp(smooth / t));
    // Scores whose hinges (margin 0.2, pair at 0) are these; the columns have the pair alone.
    const far = -100;
    const data = [
      0,
      ...values.map((x) => x - 0.2),
      ...range(3).flatMap((i) => range(4).map((j) => (j === i + 1 ? 0 : far))),
    ];
    const distinct = sameImage(constant(range(4), [4], 'int32'));
    const objective = tripletObjective({ margin: 0.2, negatives: { form: 'logSumExp', temperature: t } });
    const { loss } = objective.term({}, {}, {}, sceneOf(input('S', [4, 4]), distinct));
    const [{ data: found }] = evaluate([loss], new Map([['S', { shape: [4, 4], data: Float64Array.from(data) }]]));
    const columns = values.map((x) => t * Math.log1p(Math.exp(x / t)));
    expect(found[0]).toBeCloseTo((softplus + columns.reduce((a, b) => a + b)) / 8, 7);
  });

  test('at a temperature of 0.01 nothing overflows, whatever the scores', async () => {
    const S = input('S', [size, size]);
    const { loss } = tripletObjective(options).term({}, {}, {}, sceneOf(S));
    const wild = { shape: [size, size], data: normalValue([size, size], 'wild').data.map((x) => Math.sign(x)) };
    expectGradient(loss, new Map([['S', normalValue([size, size], 'mild')]]), 1e-4, 1e-6);
    const results = await runOnnx([loss, gradient(loss, { S }).S], new Map([['S', wild]]));
    for (const { data } of results) expect(data.every(Number.isFinite)).toBe(true);
    expect(results[0].data[0]).toBeGreaterThan(0.2);
  });
});

test('feeds hold the relevance of the pairs in their order', async () => {
  const feedsOf = relevanceFeeds(
    given([
      [0, 1, 2],
      [3, 4, 5],
    ]),
  );
  const fed = await feedsOf(Int32Array.of(1, 0), Int32Array.of(2, 1));
  expect(fed.get('relevance')).toEqual({ dtype: 'float32', shape: [2, 2], data: Float32Array.of(5, 4, 2, 1) });
});
