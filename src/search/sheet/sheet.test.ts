import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { writePicture } from '../../index/testing/pictures.ts';
import { codeOf } from '../../index/testing/rows.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import type { SearchResult } from '../search.ts';
import { sheetHtml } from './html.ts';
import { rowsOf } from './layout.ts';
import { sheetPng } from './png.ts';
import { sheetOf } from './sheet.ts';
import { fitted, widthOf, wrapped } from './text.ts';
import { writeSheet } from './write.ts';

const hostile = '"><script>alert(1)</script>&amp;\u0000\ud800';

async function results(folder: string): Promise<SearchResult[]> {
  const red = await writePicture(folder, 'red.png', '#ff0000', { width: 400, height: 300 });
  const blue = await writePicture(folder, 'blue.jpg', '#0000ff', { width: 60, height: 180 });
  return [
    { id: 'red.png', score: 0.5, path: red, metadata: { captions: ['a red field'], year: 2020 } },
    { id: 'blue.jpg', score: 0.25, path: blue, metadata: {} },
    { id: hostile, score: -0.1, path: join(folder, 'gone.png'), metadata: { [hostile]: hostile, text: hostile } },
  ];
}

describe('a contact sheet as a page', () => {
  test('shows query, pictures, scores, captions and metadata, and asks nothing of anybody', async () => {
    const folder = temporaryFolder();
    const found = await results(folder);
    const page = await sheetHtml(
      sheetOf([{ text: 'red & blue' }, { id: 'x', weight: -0.5 }], found, '3 of 9', () => found[0].path!),
    );
    for (const part of [
      'red &#38; blue',
      '3 of 9',
      '0.500',
      '0.250',
      '-0.100',
      'a red field',
      '2020',
      'no picture at',
      '0.5 × ',
    ])
      expect(page).toContain(part);
    expect(page.match(/src="data:image\/jpeg;base64,/g)).toHaveLength(3);
    expect(page.match(/(src|href)="(?!data:)/g)).toBeNull();
    expect(page).not.toContain('<script');
    expect(page).toContain("default-src 'none'");
  });

  test('says so when nothing was found', async () => {
    expect(await sheetHtml(sheetOf({ text: 'x' }, [], ''))).toContain('Nothing was found');
  });
});

describe('a contact sheet as a picture', () => {
  test('has the pictures in their places', async () => {
    const folder = temporaryFolder();
    const png = await sheetPng(sheetOf({ text: hostile }, await results(folder), '3 of 9'));
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect(info.width).toBe(1400);
    const coloured = (test: (r: number, g: number, b: number) => boolean): number => {
      let count = 0;
      for (let i = 0; i < data.length; i += info.channels) if (test(data[i], data[i + 1], data[i + 2])) count++;
      return count;
    };
    // The row keeps its usual height of 210: red 280 x 210, blue 70 x 210; both less their black corners.
    const near = (area: number) => expect.closeTo(area / 1000, -0.6);
    expect(coloured((r, g, b) => r > 240 && g < 20 && b < 20) / 1000).toEqual(near(280 * 210));
    expect(coloured((r, g, b) => b > 240 && g < 20 && r < 20) / 1000).toEqual(near(70 * 210));
    // Letters are drawn: dark pixels in the head of the sheet.
    const head = await sharp(png).extract({ left: 0, top: 0, width: 1400, height: 100 }).stats();
    expect(head.channels[0].min).toBeLessThan(80);
  });

  test('can be empty', async () => {
    expect((await sharp(await sheetPng(sheetOf({ vector: [1] }, [], ''))).metadata()).width).toBe(1400);
  });
});

test('writeSheet goes by the ending of the name', async () => {
  const folder = temporaryFolder();
  const sheet = sheetOf({ text: 'x' }, await results(folder), '');
  await writeSheet(join(folder, 'a.HTML'), sheet);
  await writeSheet(join(folder, 'a.png'), sheet);
  expect(readFileSync(join(folder, 'a.HTML'), 'utf8')).toMatch(/^<!doctype html>/);
  expect((await sharp(join(folder, 'a.png')).metadata()).format).toBe('png');
  expect(await codeOf(writeSheet(join(folder, 'a.pdf'), sheet))).toBe('DIPTYCH_INDEX_OPTION');
});

test('rows fill the width without overlap, all of one row with one height', () => {
  const area = { left: 10, top: 20, width: 900, gap: 7, row: 100, below: 30 };
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.05, max: 20, noNaN: true }), { maxLength: 30 }), (aspects) => {
      const places = rowsOf(aspects, area);
      expect(places.length).toBe(aspects.length);
      for (const [i, { left, top, width, height }] of places.entries()) {
        expect(left).toBeGreaterThanOrEqual(10);
        // Rounding may move the right edge by half a pixel for each picture of a row.
        expect(left + width).toBeLessThanOrEqual(910 + 15);
        expect(height).toBeLessThanOrEqual(125);
        const next = places[i + 1];
        if (next === undefined) continue;
        if (next.top === top) expect(next).toMatchObject({ height, left: expect.closeTo(left + width + 7, -0.5) });
        else expect(next.top).toBe(top + height + 37);
      }
    }),
  );
});

test('texts fit, lines break at spaces and lose nothing but what is cut off at the end', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 30, max: 300 }), (text, width) => {
      expect(widthOf(fitted(text, width, 12), 12)).toBeLessThanOrEqual(width);
      const lines = wrapped(text, width, 12, 3);
      expect(lines.length).toBeLessThanOrEqual(3);
      for (const line of lines) expect(widthOf(line, 12)).toBeLessThanOrEqual(width);
      const whole = text.trim().replaceAll(/\s+/g, ' ');
      const joined = lines.join(' ').replace(/…$/, '').trim();
      expect(whole.replaceAll(' ', '').startsWith(joined.replaceAll(' ', ''))).toBe(true);
    }),
  );
  expect(wrapped('one two three four', 60, 12, 2)).toEqual(['one two', 'three four']);
  expect(fitted('IMG_20200101_000001.jpg', 80, 12)).toMatch(/^IMG.*…\S*jpg$/);
});
