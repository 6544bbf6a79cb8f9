/** @file The triplet loss: against loops over the drawn negatives, its expectation, whom it leaves out, its gradient. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { constant, input } from '../../graph/ops/leaves.ts';
import { sum } from '../../graph/ops/reduce.ts';
import { concat, transpose, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose, expectGradient } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import type { Value } from '../../graph/values.ts';
import { Random } from '../../random/random.ts';
import { hinge } from '../objectives/hinge.ts';
import { infoNce } from '../objectives/info-nce.ts';
import { sameImage } from '../objectives/relation.ts';
import { pairLosses } from './pair-loss.ts';
import { candidatesOf, drawNegatives } from './sampling.ts';
import { probabilities } from './testing/probabilities.ts';
import { type TripletOptions, tripletLosses } from './triplet.ts';

const size = 6;
const [S, T] = ['S', 'T'].map((name) => input(name, [size, size]));
const key = input('key', [], 'int32');
// Pairs 1, 3 and 4 show the same image.
const ids = [0, 1, 2, 1, 1, 5];
const same = sameImage(constant(ids, [size], 'int32'));
const options: TripletOptions = { margin: 0.6, draws: 5, floor: 0.5, cut: 1.7, sphere: 12, order: 'masked-first' };

function cosines(seed: string): Value {
  const random = new Random(seed);
  return { shape: [size, size], data: Float64Array.from({ length: size * size }, () => 1.3 * random.uniform() - 0.4) };
}

const feedsAt = (step: number) =>
  new Map<string, Value>([
    ['S', cosines('S')],
    ['T', cosines('T')],
    ['key', { shape: [], data: Float64Array.of(step) }],
  ]);
const feeds = feedsAt(3);

/** Every positive of both directions: anchor a, positive b, its turn among those of the anchor. */
const positives = [0, 1].flatMap((direction) =>
  ids.flatMap((id, a) =>
    ids.flatMap((other, b) => (other === id ? [b] : [])).map((b, turn) => ({ direction, a, b, turn })),
  ),
);

/** [margin + S_ac - S_ab]₊ of a direction. */
function hingeAt({ data }: Value, direction: number, a: number, b: number, c: number): number {
  const at = (other: number) => data[direction === 0 ? a * size + other : other * size + a];
  return Math.max(0, options.margin + at(c) - at(b));
}

describe('equals loops over positives and their negatives', () => {
  test.each([1, 2, 5])('%d draws of each anchor', async (draws) => {
    const some = { ...options, draws };
    const losses = tripletLosses([S, T], same, some, key, 'test');
    const stacked = concat(
      [S, T, transpose(S), transpose(T)].map((x) => unsqueeze(x, 0)),
      0,
    );
    const [value, drawn] = evaluate(
      [losses, drawNegatives(candidatesOf(stacked, same, some), key, 'test', draws)],
      feeds,
    );
    const expected = [S, T].map((_, which) =>
      positives.reduce((total, { direction, a, b, turn }) => {
        const c = drawn.data[((direction * 2 + which) * size + a) * draws + (turn % draws)];
        expect(ids[c]).not.toBe(ids[a]);
        return total + hingeAt(feeds.get(which === 0 ? 'S' : 'T')!, direction, a, b, c);
      }, 0),
    );
    expectClose(value, { shape: [2], data: Float64Array.from(expected) }, 1e-7);
    expectClose((await runOnnx([losses], feeds))[0], value, 1e-5, 'in ONNX Runtime');
  });
});

test.each([1, 2, 5])('its expectation is that of a negative for each positive, at %d draws', (draws) => {
  const loss = sum(tripletLosses([S], same, { ...options, draws }, key, 'test'));
  const values = Array.from({ length: 400 }, (_, step) => evaluate([loss], feedsAt(step))[0].data[0]);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1) / values.length);
  const [rows, columns] = evaluate(
    [S, transpose(S)].map((x) => probabilities(candidatesOf(x, same, options))),
    feeds,
  );
  const expected = positives.reduce((total, { direction, a, b }) => {
    const shares = [...[rows, columns][direction].data.slice(a * size, (a + 1) * size)];
    return (
      total + shares.reduce((subtotal, share, c) => subtotal + share * hingeAt(feeds.get('S')!, direction, a, b, c), 0)
    );
  }, 0);
  expect(Math.abs(mean - expected)).toBeLessThan(4 * deviation);
});

describe('who counts nothing', () => {
  // Caption 2 is far from every image, and image 0 from every other caption.
  const scores = constant([0.9, -0.9, -0.9, 0.3, 0.9, -0.9, 0.2, 0.1, 0.9], [3, 3]);
  const distinct = sameImage(constant([0, 1, 2], [3], 'int32'));
  const lossOf = (order: TripletOptions['order'], x: Tensor = scores) =>
    evaluate([tripletLosses([x], distinct, { ...options, order }, key, 'test')], feeds)[0].data[0];

  test('anchors without a near negative, for far negatives first', () => {
    // Images 1 and 2 have one near negative or two; captions 0 and 1 two and one.
    const { margin } = options;
    const least = [margin + 0.3 - 0.9, margin + 0.1 - 0.9, margin + 0.2 - 0.9, margin + 0.1 - 0.9];
    const most = [margin + 0.3 - 0.9, margin + 0.2 - 0.9, margin + 0.3 - 0.9, margin + 0.1 - 0.9];
    const total = (list: number[]) => list.reduce((a, x) => a + Math.max(0, x), 0);
    const loss = lossOf('masked-first');
    expect(loss).toBeGreaterThanOrEqual(total(least) - 1e-6);
    expect(loss).toBeLessThanOrEqual(total(most) + 1e-6);
  });

  test('a whole direction, in the official order', () => {
    expect(lossOf('official')).toBe(0);
    const near = constant([0.5, 0.3, 0.2, 0.3, 0.5, 0.2, 0.2, 0.1, 0.5], [3, 3]);
    expect(lossOf('official', near)).toBeGreaterThan(0);
    expect(lossOf('official', near)).toBe(lossOf('masked-first', near));
  });
});

describe('gradient', () => {
  const loss = sum(tripletLosses([S, T], same, options, key, 'test'));

  test('finite differences, the draws held fast', () => {
    expectGradient(loss, feeds);
  });

  test('reaches drawn negatives and positives, and no other score', () => {
    const { data } = evaluate([gradient(loss, { S }).S], feeds)[0];
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        if (ids[a] === ids[b]) expect(data[a * size + b]).toBeLessThanOrEqual(0);
        else expect(data[a * size + b]).toBeGreaterThanOrEqual(0);
      }
    }
    expect(data.some((x) => x > 0)).toBe(true);
    expect(data.reduce((a, x) => a + x)).toBeCloseTo(0, 10);
  });
});

test('the loss of VSE-infinity in its place: a hinge for each matrix', () => {
  for (const negatives of ['all', 'hardest'] as const) {
    const scene = { sameImage: same, mode: { training: true } };
    const losses = pairLosses([S, T], scene, { kind: 'vse', margin: 0.2, negatives }, 'test');
    const own = [S, T].map((x) => hinge(x, same, { margin: 0.2, negatives }).loss);
    const [value, ...expected] = evaluate([losses, ...own], feeds);
    expect([...value.data]).toEqual(expected.map(({ data }) => data[0]));
  }
});

test('InfoNCE in its place: a mean for each matrix', () => {
  const scene = { sameImage: same, mode: { training: true } };
  const losses = pairLosses([S, T], scene, { kind: 'infonce', temperature: 0.1 }, 'test');
  const own = [S, T].map((x) => infoNce(x, same, 10).loss);
  const [value, ...expected] = evaluate([losses, ...own], feeds);
  expect([...value.data]).toEqual(expected.map(({ data }) => data[0]));
});

test('drawing needs the key of a step', () => {
  const scene = { sameImage: same, mode: { training: true } };
  expect(() => pairLosses([S], scene, { kind: 'distance-weighted', ...options }, 'test')).toThrow(
    'key of a training step',
  );
});
