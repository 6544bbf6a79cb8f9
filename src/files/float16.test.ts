/** @file Half precision: known patterns, every pattern there and back, and rounding against a slow definition. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromFloat16, toFloat16 } from './float16.ts';

test.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65519.996, 0x7bff],
  [65520, 0x7c00],
  [1e30, 0x7c00],
  [-Infinity, 0xfc00],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [1.5 * 2 ** -24, 0x0002],
  [1 / 3, 0x3555],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
])('%d is stored as its nearest half', (value, half) => {
  expect(toFloat16(Float32Array.of(value))[0]).toBe(half);
});

test('every half survives the way to float32 and back', () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const back = toFloat16(fromFloat16(halves));
  for (let i = 0; i < 65536; i++) {
    const notNumber = (i & 0x7c00) === 0x7c00 && (i & 0x3ff) !== 0;
    if (notNumber) expect((back[i] & 0x7c00) === 0x7c00 && (back[i] & 0x3ff) !== 0).toBe(true);
    else if (back[i] !== i) expect(back[i]).toBe(i);
  }
});

test('rounding takes the nearer neighbour, the even one of two equally near', () => {
  const halves = Uint16Array.from({ length: 0x7c00 }, (_, i) => i);
  const values = fromFloat16(halves);
  fc.assert(
    fc.property(fc.float({ min: 0, max: 65504, noNaN: true }), (value) => {
      const half = toFloat16(Float32Array.of(value))[0];
      const distance = Math.abs(values[half] - value);
      for (const other of [half - 1, half + 1].filter((i) => i >= 0 && i < values.length)) {
        const far = Math.abs(values[other] - value);
        expect(distance < far || (distance === far && half % 2 === 0)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});
