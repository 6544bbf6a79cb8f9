/** @file Losses: golden values and gradients, and what the formulas promise beyond them. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { input, iota } from '../../graph/ops/leaves.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose, expectGradient, normalValue } from '../../graph/testing/check.ts';
import type { Value } from '../../graph/values.ts';
import { expectGolden, type GoldenArray, type GoldenCase, numbersOf, readGolden } from '../../nn/testing/golden.ts';
import { hinge } from './hinge.ts';
import { infoNce } from './info-nce.ts';
import { kendallGap, kendallWindow } from './kendall.ts';
import { ntXent } from './nt-xent.ts';
import { type Objective, sameImage } from './relation.ts';
import { sigLip } from './siglip.ts';
import { fixedScale, learnedScale } from './temperature.ts';
import { type Negatives, softTriplet } from './triplet.ts';

type Name =
  | 'hinge_sum'
  | 'hinge_hardest'
  | 'info_nce'
  | 'siglip'
  | 'nt_xent'
  | 'triplet_soft_negative'
  | 'kendall_gap'
  | 'kendall_window_A'
  | 'kendall_window_B';
const golden = readGolden<
  Record<Name, GoldenCase & Record<'margin' | 'temperature' | 'gap' | 'window', number>> &
    Record<'imageIds' | 'relevance', GoldenArray>
>('./golden/losses.json', import.meta.url);

const ids = input('ids', [6], 'int32');
const same = sameImage(ids);
const relevance = input('relevance', [6, 6]);
const feeds: [string, Value][] = [
  ['ids', numbersOf(golden.imageIds)],
  ['relevance', numbersOf(golden.relevance)],
];
const size = 6;

describe('golden values and gradients', () => {
  const { temperature, margin } = golden.triplet_soft_negative;
  test.each<[Name, (p: Readonly<Record<string, Tensor>>) => Objective]>([
    ['hinge_sum', ({ S }) => hinge(S, same, { margin: 0.2, negatives: 'all' })],
    ['hinge_hardest', ({ S }) => hinge(S, same, { margin: 0.2, negatives: 'hardest' })],
    ['info_nce', ({ S, s }) => infoNce(S, same, s)],
    // The golden value leaves nothing out.
    ['siglip', ({ S, a, b }) => sigLip(S, sameImage(iota(size)), a, b)],
    ['nt_xent', ({ a, b }) => ntXent(a, b, same, golden.nt_xent.temperature)],
    ['triplet_soft_negative', ({ S }) => softTriplet(S, same, margin, { form: 'logSumExp', temperature })],
    ['kendall_gap', ({ S }) => kendallGap(S, relevance, golden.kendall_gap.gap)],
    [
      'kendall_window_A',
      ({ S }) => kendallWindow(S, relevance, { window: golden.kendall_window_A.window, variant: 'A' }),
    ],
    [
      'kendall_window_B',
      ({ S }) => kendallWindow(S, relevance, { window: golden.kendall_window_B.window, variant: 'B' }),
    ],
  ])('%s', async (name, objective) => {
    await expectGolden(golden[name], (p) => objective(p).loss, { feeds });
  });
});

const S = input('S', [size, size]);
const scores = normalValue([size, size], 'scores');
// Pairs 1 and 3 show the same image: were they negatives of each other, they would be hard ones.
scores.data[1 * size + 3] = 2.5;
scores.data[3 * size + 1] = 2.6;
const fed = new Map([...feeds, ['S', scores] as const]);
const valueOfLoss = (objective: Objective, more: Iterable<readonly [string, Value]> = []) =>
  evaluate([objective.loss], new Map([...fed, ...more]))[0].data[0];
const at = (i: number, j: number) => scores.data[i * size + j];
const shows = (i: number) => golden.imageIds.data[i];
const softForms: Negatives[] = [
  { form: 'logSumExp', temperature: 0.3 },
  { form: 'weightedNegative', temperature: 0.3 },
  { form: 'weightedHinges', temperature: 0.3 },
  { form: 'selected', tolerance: 1 },
];

describe('captions of the same image are no negatives', () => {
  const objectives: [string, (s: Tensor, same: Tensor) => Objective][] = [
    ['hinge over all', (s, same) => hinge(s, same, { margin: 0.2, negatives: 'all' })],
    ['hinge over the hardest', (s, same) => hinge(s, same, { margin: 0.2, negatives: 'hardest' })],
    ['InfoNCE', (s, same) => infoNce(s, same, fixedScale(0.07))],
    ['SigLIP', (s, same) => sigLip(s, same, 10, -10)],
    ...softForms.map(
      (form) =>
        [
          `triplet, ${form.form}`,
          (s: Tensor, same: Tensor) => softTriplet(s, same, 0.2, form),
        ] as (typeof objectives)[0],
    ),
  ];
  test.each(objectives)('%s', (_, objective) => {
    const { loss, metrics } = objective(S, same);
    const { S: slope } = gradient(loss, { S });
    const [value, masked, positive] = evaluate([slope, metrics.maskedNegatives, metrics.positiveScore], fed);
    expect([value.data[1 * size + 3], value.data[3 * size + 1]]).toEqual([0, 0]);
    expect(masked.data[0]).toBe(2);
    expect(positive.data[0]).toBeCloseTo([0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + at(i, i), 0) / size, 7);

    // Where no image occurs twice, nothing is masked.
    const distinct: Value = { shape: [size], data: Float64Array.from({ length: size }, (_, i) => i) };
    const [unmasked] = evaluate([metrics.maskedNegatives], new Map([...fed, ['ids', distinct]]));
    expect(unmasked.data[0]).toBe(0);
    expect(valueOfLoss({ loss, metrics }, [['ids', distinct]])).not.toBe(valueOfLoss({ loss, metrics }));
  });
});

describe('soft negatives by their formulas', () => {
  const margin = 0.2;
  /** Mean over both directions of a function of an anchor's own score and those of its negatives. */
  const both = (loss: (pair: number, negatives: number[]) => number) => {
    let total = 0;
    for (let i = 0; i < size; i++) {
      const others = [0, 1, 2, 3, 4, 5].filter((j) => shows(j) !== shows(i));
      total +=
        loss(
          at(i, i),
          others.map((j) => at(i, j)),
        ) +
        loss(
          at(i, i),
          others.map((j) => at(j, i)),
        );
    }
    return total / (2 * size);
  };
  const soft = (negatives: number[], t: number) => {
    const total = negatives.reduce((sum, s) => sum + Math.exp(s / t), 0);
    return negatives.map((s) => Math.exp(s / t) / total);
  };
  const hinged = (pair: number) => (s: number) => Math.max(0, margin + s - pair);
  const formulas: ((pair: number, negatives: number[]) => number)[] = [
    (pair, list) => 0.3 * Math.log(1 + list.reduce((sum, s) => sum + Math.exp((s - pair + margin) / 0.3), 0)),
    (pair, list) => hinged(pair)(soft(list, 0.3).reduce((sum, w, j) => sum + w * list[j], 0)),
    (pair, list) => soft(list, 0.3).reduce((sum, w, j) => sum + w * hinged(pair)(list[j]), 0),
    (pair, list) => {
      const hinges = list.map(hinged(pair));
      return Math.abs(pair - Math.max(...list)) < 1
        ? hinges.reduce((a, b) => a + b) / hinges.length
        : Math.max(...hinges);
    },
  ];
  test.each(softForms.map((form, i) => [form.form, form, formulas[i]] as const))('%s', (_, form, formula) => {
    const objective = softTriplet(S, same, margin, form);
    expect(valueOfLoss(objective)).toBeCloseTo(both(formula), 6);
    expectGradient(objective.loss, fed, 1e-5);
  });

  test('both branches of the selection occur', () => {
    const near = (_: number, i: number) => {
      const others = [0, 1, 2, 3, 4, 5].filter((j) => shows(j) !== shows(i)).map((j) => at(i, j));
      return Math.abs(at(i, i) - Math.max(...others)) < 1;
    };
    const choices = [0, 1, 2, 3, 4, 5].map(near);
    expect(choices).toContain(true);
    expect(choices).toContain(false);
  });

  test('a temperature near zero gives the hardest negative, without overflow', () => {
    const soft = softTriplet(S, same, margin, { form: 'logSumExp', temperature: 1e-4 });
    const hard = hinge(S, same, { margin, negatives: 'hardest' });
    expect(valueOfLoss(soft)).toBeCloseTo(valueOfLoss(hard) / (2 * size), 3);
  });
});

describe('Kendall losses', () => {
  const windowOf = (variant: 'A' | 'B', window: number) =>
    kendallWindow(S, relevance, { window, variant, margin: 0.05 });
  const label = (i: number, j: number) => golden.relevance.data[i * size + j];

  test.each([
    ['A', 1],
    ['A', 3],
    ['B', 1],
    ['B', 3],
  ] as const)('variant %s with window %i equals a double loop', (variant, window) => {
    const direction = (s: typeof at, c: typeof label) => {
      let total = 0;
      for (let i = 0; i < size; i++) {
        const order = [0, 1, 2, 3, 4, 5].sort((j, k) => c(i, k) - c(i, j));
        const z = order.map((j) => s(i, j));
        const terms: number[] = [];
        if (variant === 'A')
          for (let p = 0; p < size - window; p++) terms.push(Math.max(...z.slice(p + window)) - z[p]);
        else
          for (let e = 1; e < size - window; e++)
            terms.push(Math.max(...z.slice(e + window)) - Math.min(...z.slice(0, e)));
        total += terms.reduce((sum, term) => sum + Math.max(0, term + 0.05), 0) / terms.length;
      }
      return total / size;
    };
    const expected =
      (direction(at, label) +
        direction(
          (i, j) => at(j, i),
          (i, j) => label(j, i),
        )) /
      2;
    expect(valueOfLoss(windowOf(variant, window))).toBeCloseTo(expected, 7);
    expectGradient(windowOf(variant, window).loss, fed, 1e-5);
  });

  test('scores in the order of relevance cost nothing', () => {
    const ordered: Value = { shape: [size, size], data: numbersOf(golden.relevance).data.map((c) => c ** 3 - 1) };
    const losses = [
      kendallGap(S, relevance, 0.3),
      kendallWindow(S, relevance, { window: 2, variant: 'A' }),
      kendallWindow(S, relevance, { window: 2, variant: 'B' }),
    ];
    for (const objective of losses) expect(valueOfLoss(objective, [['S', ordered]])).toBe(0);
  });

  test('no pair beyond the gap: loss and gradient are zero, not NaN', () => {
    const { loss, metrics } = kendallGap(S, relevance, 2);
    const { S: slope } = gradient(loss, { S });
    const [value, slopes, count] = evaluate([loss, slope, metrics.comparisons], fed);
    expect([value.data[0], count.data[0], ...slopes.data]).toEqual(Array(2 + size * size).fill(0));
  });

  test('captions rank by the transposed relevance', () => {
    const turned = (value: Value): Value => ({
      shape: [size, size],
      data: value.data.map((_, i) => value.data[(i % size) * size + Math.floor(i / size)]),
    });
    const exchanged = [
      ['S', turned(scores)],
      ['relevance', turned(numbersOf(golden.relevance))],
    ] as const;
    for (const objective of [kendallGap(S, relevance, 0.3), windowOf('A', 2), windowOf('B', 2)])
      expect(valueOfLoss(objective, exchanged)).toBeCloseTo(valueOfLoss(objective), 12);
    expect(valueOfLoss(kendallGap(S, relevance, 0.3), exchanged.slice(0, 1))).not.toBeCloseTo(
      valueOfLoss(kendallGap(S, relevance, 0.3)),
      3,
    );
  });
});

test('the learnt factor stops at 100, and so does its gradient', () => {
  const logScale = input('logScale', []);
  const scale = learnedScale(logScale);
  const { logScale: slope } = gradient(scale, { logScale });
  const of = (x: number) =>
    evaluate([scale, slope], new Map([['logScale', { shape: [], data: Float64Array.of(x) }]])).map(
      ({ data }) => data[0],
    );
  expect(of(Math.log(20)).map((x) => Math.round(x * 1e6) / 1e6)).toEqual([20, 20]);
  expect(of(5)).toEqual([100, 0]);
});

test('a symbolic batch gives the same losses', () => {
  const open = input('S', ['pairs', 'pairs']);
  const openSame = sameImage(input('ids', ['pairs'], 'int32'));
  const pairs = [
    [infoNce(open, openSame, 14), infoNce(S, same, 14)],
    [sigLip(open, openSame, 10, -10), sigLip(S, same, 10, -10)],
    [
      hinge(open, openSame, { margin: 0.2, negatives: 'hardest' }),
      hinge(S, same, { margin: 0.2, negatives: 'hardest' }),
    ],
  ];
  for (const [symbolic, known] of pairs) {
    const values = [symbolic, known].map(({ loss }) =>
      evaluate([loss, gradient(loss, { S: loss === symbolic.loss ? open : S }).S], fed),
    );
    values[0].forEach((value, i) => {
      expectClose(value, values[1][i], 1e-7);
    });
  }
});
