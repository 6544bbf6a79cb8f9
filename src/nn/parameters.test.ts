/** @file First values: distributions, and independence of one parameter from all others. */
import { describe, expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import {
  draw,
  filled,
  fromArray,
  type Initialiser,
  kaimingNormal,
  kaimingUniform,
  normal,
  ones,
  uniformWithin,
  xavierNormal,
  xavierUniform,
  zeros,
} from './initialisers.ts';
import { initialise, parameter, parameterCount } from './parameters.ts';

const shape = [40, 100];
const statistics = (init: Initialiser, of = shape) => {
  const data = [...draw(init, of, new Random(1, 'statistics'))];
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  return {
    mean,
    deviation: Math.sqrt(data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length),
    largest: Math.max(...data.map(Math.abs)),
  };
};

describe('uniform distributions reach their bound and no further', () => {
  test.each([
    ['uniform', uniformWithin(0.1), 0.1],
    ['Xavier', xavierUniform(), Math.sqrt(6 / 140)],
    ['Xavier with gain', xavierUniform(2), 2 * Math.sqrt(6 / 140)],
    ['Kaiming', kaimingUniform(), Math.sqrt(6 / 100)],
    ['the default of PyTorch', kaimingUniform(Math.sqrt(5)), 1 / Math.sqrt(100)],
  ])('%s', (_, init, bound) => {
    const { mean, deviation, largest } = statistics(init);
    expect(largest).toBeLessThanOrEqual(Math.fround(bound));
    expect(largest).toBeGreaterThan(0.99 * bound);
    expect(Math.abs(mean)).toBeLessThan(0.05 * bound);
    expect(deviation / (bound / Math.sqrt(3))).toBeCloseTo(1, 1);
  });
});

describe('normal distributions have their deviation', () => {
  test.each([
    ['normal', normal(0.02), 0.02],
    ['Xavier', xavierNormal(), Math.sqrt(2 / 140)],
    ['Kaiming', kaimingNormal(), Math.sqrt(2 / 100)],
  ])('%s', (_, init, expected) => {
    const { mean, deviation } = statistics(init);
    expect(deviation / expected).toBeGreaterThan(0.95);
    expect(deviation / expected).toBeLessThan(1.05);
    expect(Math.abs(mean)).toBeLessThan(0.1 * expected);
  });
});

test('a convolution weight counts its field in both fans', () => {
  const { largest } = statistics(xavierUniform(), [64, 3, 8, 8]);
  expect(largest).toBeGreaterThan(0.99 * Math.sqrt(6 / (64 * 67)));
  expect(largest).toBeLessThanOrEqual(Math.sqrt(6 / (64 * 67)));
});

test('constants and arrays are as given', () => {
  const random = new Random(0);
  expect([...draw(zeros, [2], random)]).toEqual([0, 0]);
  expect([...draw(ones, [2], random)]).toEqual([1, 1]);
  expect([...draw(filled(-10), [], random)]).toEqual([-10]);
  expect([...draw(fromArray([1, 2, 3, 4]), [2, 2], random)]).toEqual([1, 2, 3, 4]);
  expect(() => draw(fromArray([1, 2, 3]), [2, 2], random)).toThrow('3 numbers for a parameter of shape [2,2]');
});

test('a parameter is a function of seed and path alone', () => {
  const weight = parameter([3, 4], xavierUniform());
  const alone = initialise({ text: { weight } }, 7);
  const among = initialise({ image: { weight, bias: parameter([3], zeros) }, text: { weight } }, 7);
  expect([...among.keys()]).toEqual(['image.weight', 'image.bias', 'text.weight']);
  expect(among.get('text.weight')).toEqual(alone.get('text.weight'));
  expect(among.get('text.weight')!.data).not.toEqual(among.get('image.weight')!.data);
  expect(initialise({ text: { weight } }, 8).get('text.weight')!.data).not.toEqual(alone.get('text.weight')!.data);
  expect(parameterCount({ image: { weight, bias: parameter([3], zeros) } })).toBe(15);
});
