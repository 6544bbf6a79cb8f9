/** @file The resize against Pillow's bytes, and against itself: windows, boxes, identities, flat colours. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeImage } from './decode.ts';
import { type ResampleFilter, resampleFilters } from './filters.ts';
import type { RgbImage } from './image.ts';
import { resize } from './resize.ts';

interface Case {
  filter: ResampleFilter;
  width: number;
  height: number;
  rgb: string;
}
interface BoxCase extends Case {
  source: { width: number; height: number; rgb: string };
  box: [number, number, number, number];
}

const goldenPath = (name: string): string => fileURLToPath(new URL(`./golden/${name}`, import.meta.url));
const golden = <C>(name: string): { cases: C[] } => JSON.parse(readFileSync(goldenPath(name), 'utf8'));

describe('equal to Pillow to the bit', () => {
  test.each(golden<Case>('resample.json').cases)('$filter to $width x $height', async (expected) => {
    const source = await decodeImage(goldenPath('resample_source.png'));
    expect([source.width, source.height]).toEqual([53, 37]);
    const { width, height, data } = resize(source, expected);
    expect([width, height]).toEqual([expected.width, expected.height]);
    expect(Buffer.from(data).toString('base64')).toBe(expected.rgb);
  });

  test('parts with edges between pixels, single rows and columns, and pictures that go down first', () => {
    for (const { source, box, rgb, ...options } of golden<BoxCase>('boxes.json').cases) {
      const image = { ...source, data: new Uint8Array(Buffer.from(source.rgb, 'base64')) };
      const [left, top, right, bottom] = box;
      const { data } = resize(image, { ...options, box: { left, top, right, bottom } });
      expect(Buffer.from(data).toString('base64'), JSON.stringify({ ...options, box })).toBe(rgb);
    }
  });
});

const side = fc.integer({ min: 1, max: 24 });
const image = fc.tuple(side, side, fc.integer()).map(([width, height, seed]): RgbImage => {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.imul(i + 1, seed | 1) >>> 24);
  return { width, height, data };
});
const filter = fc.constantFrom(...resampleFilters);

test('a window holds the pixels that cutting it out afterwards gives', () => {
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(image, side, side, filter, fraction, fraction, (source, width, height, kernel, across, down) => {
      const whole = resize(source, { width, height, filter: kernel });
      const left = Math.floor(across * width * 0.99);
      const top = Math.floor(down * height * 0.99);
      const window = { left, top, width: Math.ceil((width - left) / 2), height: Math.ceil((height - top) / 2) };
      const part = resize(source, { width, height, filter: kernel, window });
      expect([part.width, part.height]).toEqual([window.width, window.height]);
      for (let y = 0; y < window.height; y++) {
        const from = ((top + y) * width + left) * 3;
        const expected = whole.data.subarray(from, from + window.width * 3);
        expect(part.data.subarray(y * window.width * 3, (y + 1) * window.width * 3)).toEqual(expected);
      }
    }),
  );
});

test('the same size is the same picture; a flat picture stays flat at any size', () => {
  fc.assert(
    fc.property(image, side, side, filter, (source, width, height, kernel) => {
      expect(resize(source, { width: source.width, height: source.height, filter: kernel })).toBe(source);
      const flat = { ...source, data: source.data.map((_, i) => [250, 3, 128][i % 3]) };
      const { data } = resize(flat, { width, height, filter: kernel });
      expect(data.every((value, i) => value === [250, 3, 128][i % 3])).toBe(true);
    }),
  );
});

test('tables that were dropped are made again the same', () => {
  const source = { width: 90, height: 2, data: Uint8Array.from({ length: 540 }, (_, i) => (i * 37) & 255) };
  const at = (width: number): RgbImage => resize(source, { width, height: 2, filter: 'lanczos' });
  const first = at(10).data.slice();
  for (let width = 11; width < 90; width++) at(width);
  expect(at(10).data).toEqual(first);
});
