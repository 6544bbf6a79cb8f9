import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import { dot, plainProduct } from './product.ts';

function matrix(rows: number, depth: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: rows * depth }, () => random.normal());
}

test('every element is its float64 dot product rounded once, squares and edges alike', () => {
  fc.assert(
    fc.property(fc.nat(13), fc.nat(13), fc.nat(20), fc.nat(), (rows, columns, depth, seed) => {
      const a = matrix(rows, depth, seed);
      const b = matrix(columns, depth, seed + 1);
      const out = new Float32Array(rows * columns).fill(Number.NaN);
      plainProduct(a, b, { rows, columns, depth }, out);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let k = 0; k < depth; k++) sum += a[i * depth + k] * b[j * depth + k];
          expect(out[i * columns + j]).toBe(Math.fround(sum));
          expect(dot(a, i, b, j, depth)).toBe(sum);
        }
      }
    }),
  );
});

test('equal vectors get equal scores wherever they stand', () => {
  const depth = 37;
  const one = matrix(1, depth, 1);
  const columns = 11;
  const captions = new Float32Array(columns * depth);
  for (let column = 0; column < columns; column++) captions.set(one, column * depth);
  const images = matrix(7, depth, 2);
  const out = new Float32Array(7 * columns);
  plainProduct(images, captions, { rows: 7, columns, depth }, out);
  for (let row = 0; row < 7; row++) {
    expect(new Set(out.subarray(row * columns, (row + 1) * columns)).size).toBe(1);
  }
});
