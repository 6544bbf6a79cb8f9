import { expect, test } from 'vitest';
import { Random } from '../../../random/random.ts';
import { negativeScore, randomScore, spreadOf } from './measures.ts';

const dimension = 4;
/** Two groups of images around two axes, with one caption each that says the same. */
const groupOf = (image: number) => image % 2;
const rows = (axes: number, count: number) =>
  Float32Array.from({ length: count * dimension }, (_, at) =>
    at % dimension === Math.floor(at / dimension) % axes ? 1 : 0,
  );
const vectors = {
  images: rows(2, 8),
  captions: rows(2, 8),
  dimension,
  imageOfCaption: Int32Array.from({ length: 8 }, (_, i) => i),
};

test('batch mates of one cluster score higher than random ones', () => {
  const clustered = [0, 1].map((group) =>
    Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7].filter((i) => groupOf(i) === group)),
  );
  expect(negativeScore(vectors, clustered)).toBeCloseTo(1);
  expect(negativeScore(vectors, [Int32Array.of(0, 1, 2, 3)])).toBeCloseTo(1 / 3);
  expect(randomScore(vectors)).toBeCloseTo(0.5);
});

test('vectors that collapse use one dimension and are not uniform', () => {
  const random = new Random('normal');
  const normal = Float32Array.from({ length: 500 * dimension }, () => random.normal());
  for (let i = 0; i < 500; i++) {
    const row = normal.subarray(i * dimension, (i + 1) * dimension);
    const length = Math.hypot(...row);
    for (let k = 0; k < dimension; k++) row[k] /= length;
  }
  const [spread, collapsed] = [spreadOf(normal, dimension, 0), spreadOf(rows(1, 500), dimension, 0)];
  expect(spread.rank).toBeGreaterThan(3.9);
  expect(spread.rank).toBeLessThanOrEqual(4);
  expect(spread.uniformity).toBeLessThan(-2);
  expect(collapsed.rank).toBeCloseTo(1);
  expect(collapsed.uniformity).toBeCloseTo(0);
  expect(spreadOf(rows(2, 500), dimension, 1).rank).toBeCloseTo(2, 1);
});
