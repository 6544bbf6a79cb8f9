/** @file Drawn negatives: weights at known distances, frequencies against probabilities, the far-negative trap, no gradient. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { constant, input } from '../../graph/ops/leaves.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { probe } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import type { Value } from '../../graph/values.ts';
import { sameImage } from '../objectives/relation.ts';
import { candidatesOf, drawable, drawNegatives, logWeight, type SamplingOptions } from './sampling.ts';
import { probabilities } from './testing/probabilities.ts';
import { reachedBy } from './testing/reach.ts';

const none = new Map<string, Value>();
const numbers = (x: Tensor) => [...evaluate([x], none)[0].data];
const options: SamplingOptions = { floor: 0.5, cut: 1.7, sphere: 512, order: 'masked-first' };
const matrix = (rows: readonly (readonly number[])[]) => constant(rows.flat(), [rows.length, rows[0].length]);
const distinct = (count: number) => sameImage(constant([...Array(count).keys()], [count], 'int32'));

test('logarithms of weights at known distances', () => {
  const known = [
    [0.5, 369.93],
    [0.7, 215.16],
    [0.9, 111.32],
    [1, 73.22],
    [1.1, 43.08],
    [1.2, 20.6],
    [1.3, 5.93],
    [Math.SQRT2, -0.35],
    [1.5, 3.6],
    [1.6, 20.31],
    [1.7, 55.63],
    [1.8, 122.9],
  ];
  const cosines = constant(known.map(([distance]) => 1 - distance ** 2 / 2));
  const { distance, logWeight: weight } = logWeight(cosines, options);
  numbers(distance).forEach((value, i) => {
    expect(value).toBeCloseTo(known[i][0], 6);
  });
  numbers(weight).forEach((value, i) => {
    expect(Math.abs(value - known[i][1]), `distance ${known[i][0]}`).toBeLessThan(known[i][0] === 1.8 ? 0.06 : 0.006);
  });
});

test('close pairs count as if at the floor, opposite ones as zero, and rounding beyond ±1 makes no NaN', () => {
  const { distance, logWeight: weight } = logWeight(constant([1, 1.0001, 0.9, -1, -1.0001]), options);
  expect(numbers(distance).slice(0, 3)).toEqual([0.5, 0.5, 0.5]);
  const [at, above, near, opposite, beyond] = numbers(weight);
  expect(at).toBeCloseTo(369.93, 2);
  expect([above, near, opposite, beyond]).toEqual([at, at, 0, 0]);
});

test('frequencies of draws follow the probabilities (χ²), draw by draw independently', async () => {
  // A sphere of few dimensions spreads the probabilities, so that every candidate is drawn.
  const spread = { ...options, sphere: 6, cut: 1.5 };
  const scores = matrix([
    [0.9, 0.5, 0.3, 0.1, -0.2, 0.6],
    [0.2, 0.9, 0.7, 0.4, 0.1, 0.0],
    [0.1, 0.2, 0.8, 0.3, -0.4, 0.3],
    [-0.1, 0.4, 0.5, 0.9, 0.2, 0.1],
    [0.3, 0.3, 0.3, 0.3, 0.9, 0.3],
    [0.0, -0.6, 0.9, 0.1, 0.2, 0.7],
  ]);
  const same = sameImage(constant([0, 1, 1, 2, 3, 4], [6], 'int32'));
  const candidates = candidatesOf(scores, same, spread);
  const draws = 6000;
  const key = input('key', [], 'int32');
  const feeds = new Map([['key', { shape: [], data: Float64Array.of(1234) }]]);
  const drawn = drawNegatives(candidates, key, 'test', draws);
  const [p, counts] = evaluate([probabilities(candidates), drawn], feeds);

  /** Fails if counts stray from expectations further than once in a thousand times. */
  const expectFrequencies = (observed: readonly number[], expected: readonly number[]) => {
    const chi = observed.reduce((total, count, i) => total + (count - expected[i]) ** 2 / expected[i], 0);
    const freedom = observed.length - 1;
    // Wilson and Hilferty's approximation of the 99.9 % point.
    const bound = freedom * (1 - 2 / (9 * freedom) + 3.09 * Math.sqrt(2 / (9 * freedom))) ** 3;
    expect(chi).toBeLessThan(bound);
  };
  for (let a = 0; a < 6; a++) {
    const row = [...p.data.slice(a * 6, a * 6 + 6)];
    const allowed = row.flatMap((share, c) => (share > 0 ? [c] : []));
    const mine = [...counts.data.slice(a * draws, (a + 1) * draws)];
    expect(row.reduce((x, y) => x + y)).toBeCloseTo(1, 6);
    expect([...new Set(mine)].sort()).toEqual(allowed);
    expectFrequencies(
      allowed.map((c) => mine.filter((one) => one === c).length),
      allowed.map((c) => row[c] * draws),
    );
    const cells = allowed.flatMap((first) => allowed.map((second) => [first, second]));
    expectFrequencies(
      cells.map(
        ([first, second]) => mine.filter((c, i) => i % 2 === 0 && c === first && mine[i + 1] === second).length,
      ),
      cells.map(([first, second]) => (row[first] * row[second] * draws) / 2),
    );
  }
  const [single] = await runOnnx([drawn], feeds);
  expect(single.data.filter((c, i) => c !== counts.data[i]).length).toBeLessThan(5);
});

describe('a negative beyond the cut', () => {
  // Anchor 0 has one near negative and one at a distance of 1.95, whose weight is far larger.
  const scores = matrix([
    [0.9, 0.1, -0.9],
    [0.2, 0.9, 0.3],
    [0.1, 0.4, 0.9],
  ]);
  const shares = (order: SamplingOptions['order']) =>
    numbers(probabilities(candidatesOf(scores, distinct(3), { ...options, order }))).slice(0, 3);

  test('is left out first, so that the near one is drawn', () => {
    expect(shares('masked-first')).toEqual([0, 1, 0]);
  });

  test('in the official order makes all weights of its anchor underflow', () => {
    expect(shares('official')).toEqual([0, 0, 0]);
    const { allowed, logWeights } = candidatesOf(scores, distinct(3), { ...options, order: 'official' });
    expect(numbers(drawable({ allowed, logWeights }))).toEqual([0, 1, 1]);
  });

  test('where nobody is near, nobody can be drawn', () => {
    const alone = candidatesOf(
      matrix([
        [0.9, -0.9],
        [0.3, 0.9],
      ]),
      distinct(2),
      options,
    );
    expect(numbers(drawable(alone))).toEqual([0, 1]);
    expect(numbers(probabilities(alone))).toEqual([0, 0, 1, 0]);
  });
});

test('no gradient flows through weights', () => {
  const scores = input('scores', [3, 3]);
  const candidates = candidatesOf(scores, distinct(3), options);
  expect(reachedBy(probe(candidates.logWeights), { scores })).toEqual([]);
});
