/** @file A contact sheet as one picture: rows of thumbnails, texts drawn below them. */
import sharp, { type OverlayOptions } from 'sharp';
import type { SearchResult } from '../search.ts';
import { type Place, rowsOf } from './layout.ts';
import { captionOf, type Sheet, type SheetPart } from './sheet.ts';
import { fitted, textMarkup, widthOf, wrapped } from './text.ts';
import { type Thumbnail, thumbnails } from './thumbnail.ts';

/** Measures in pixels. */
const WIDTH = 1400;
const MARGIN = 36;
const GAP = 16;
const ROW = 210;
const BELOW = 66;
const TITLE = 30;
const ASKED = 84;

const page = '#f7f5f0';
const card = '#fffefb';
const ink = '#211e1a';
const soft = '#6a645b';
const rule = '#dfd9cd';
const bar = '#24588f';
const gilt = '#b48a3c';

/** A part of the sheet: SVG, pictures to lay over it, and where it ends. */
interface Drawing {
  readonly markup: string;
  readonly pictures: readonly OverlayOptions[];
  readonly bottom: number;
}

/** The sheet as the bytes of a PNG file. Pictures that cannot be read leave a frame that says so. */
export async function sheetPng({ query, results, note }: Sheet): Promise<Buffer> {
  const asked = await thumbnails(
    query.map(({ picture }) => picture),
    2 * ASKED,
    ASKED,
  );
  const head = drawHeader(query, asked, note);
  const found = await thumbnails(
    results.map(({ path }) => path),
    WIDTH - 2 * MARGIN,
    2 * ROW,
  );
  const aspects = found.map((shown) => (shown === undefined ? 4 / 3 : shown.width / shown.height));
  const area = { left: MARGIN, top: head.bottom, width: WIDTH - 2 * MARGIN, gap: GAP, row: ROW, below: BELOW };
  const best = Math.max(...results.map(({ score }) => score), 1e-6);
  const cards = await Promise.all(
    rowsOf(aspects, area).map((place, i) => drawResult(results[i], i + 1, found[i], place, best)),
  );
  const body = cards.length > 0 ? cards : [drawNothing(head.bottom)];
  const height = Math.max(...body.map(({ bottom }) => bottom)) + MARGIN;
  const markup = [head, ...body].map((drawing) => drawing.markup).join('');
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}">${markup}</svg>`;
  const pictures = [head, ...body].flatMap((one) => one.pictures);
  return sharp({ create: { width: WIDTH, height, channels: 3, background: page } })
    .composite([{ input: Buffer.from(drawing), left: 0, top: 0 }, ...pictures])
    .png()
    .toBuffer();
}

/** The query, part after part, then the note. */
function drawHeader(query: readonly SheetPart[], asked: readonly (Thumbnail | undefined)[], note: string): Drawing {
  const markup: string[] = [];
  const pictures: OverlayOptions[] = [];
  const line = asked.some((shown) => shown !== undefined) ? ASKED + 12 : TITLE * 1.35;
  let x = MARGIN;
  let y = MARGIN;
  const write = (text: string, colour: string): void => {
    for (const piece of wrapped(text, WIDTH - 2 * MARGIN, TITLE, 4)) {
      if (x > MARGIN && x + widthOf(piece, TITLE) > WIDTH - MARGIN) {
        x = MARGIN;
        y += line;
      }
      markup.push(
        textMarkup(piece, x, Math.round(y + line / 2 + TITLE * 0.34), { size: TITLE, colour, bold: true, serif: true }),
      );
      x += widthOf(piece, TITLE) + 14;
    }
  };
  query.forEach(({ weight, label }, i) => {
    if (i > 0 || weight < 0) write(weight < 0 ? '−' : '+', gilt);
    if (Math.abs(weight) !== 1) write(`${Math.abs(weight)} ×`, gilt);
    const shown = asked[i];
    if (shown === undefined) write(`“${label}”`, ink);
    else {
      if (x + shown.width > WIDTH - MARGIN) {
        x = MARGIN;
        y += line;
      }
      pictures.push({ input: shown.jpeg, left: Math.round(x), top: Math.round(y + (line - shown.height) / 2) });
      x += shown.width + 14;
    }
  });
  const bottom = Math.round(y + line + 24);
  markup.push(textMarkup(fitted(note, WIDTH - 2 * MARGIN, 15), MARGIN, bottom, { size: 15, colour: soft }));
  return { markup: markup.join(''), pictures, bottom: bottom + 22 };
}

function drawNothing(top: number): Drawing {
  const markup = textMarkup('Nothing was found.', MARGIN, top + 40, { size: 20, colour: soft });
  return { markup, pictures: [], bottom: top + 80 };
}

/** A card: the picture, below it place, id and score, a bar as long as the score is high, and a caption. */
async function drawResult(
  { id, score, path, metadata }: SearchResult,
  number: number,
  shown: Thumbnail | undefined,
  place: Place,
  best: number,
): Promise<Drawing> {
  const { left, top, width, height } = place;
  const base = top + height;
  const share = Math.max(0, Math.min(1, score / best));
  const [first = '', second = ''] = wrapped(captionOf(metadata), width - 24, 13, 2);
  const numeral = String(number);
  const room = width - 48 - widthOf(numeral, 14) - widthOf('0.000', 14);
  const markup = [
    `<rect x="${left - 0.5}" y="${top - 0.5}" width="${width + 1}" height="${height + BELOW + 1}" rx="5" fill="${card}" stroke="${rule}"/>`,
    shown === undefined ? missingMarkup(place, path) : '',
    textMarkup(numeral, left + 12, base + 20, { size: 14, colour: gilt, bold: true }),
    textMarkup(fitted(id, room, 12), left + 20 + widthOf(numeral, 14), base + 20, { size: 12, colour: soft }),
    textMarkup(score.toFixed(3), left + width - 12, base + 20, { size: 14, colour: ink, bold: true, anchor: 'end' }),
    `<rect x="${left + 12}" y="${base + 27}" width="${width - 24}" height="3" rx="1.5" fill="${rule}"/>`,
    `<rect x="${left + 12}" y="${base + 27}" width="${(width - 24) * share}" height="3" rx="1.5" fill="${bar}"/>`,
    textMarkup(first, left + 12, base + 45, { size: 13, colour: ink }),
    textMarkup(second, left + 12, base + 60, { size: 13, colour: ink }),
  ];
  const pictures = shown === undefined ? [] : [await shrunk(shown, place)];
  return { markup: markup.join(''), pictures, bottom: base + BELOW };
}

function missingMarkup({ left, top, width, height }: Place, path: string | null): string {
  const text = fitted(`no picture at ${path ?? 'any place'}`, width - 24, 12);
  const x = left + (width - widthOf(text, 12)) / 2;
  const frame = `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${rule}"/>`;
  return frame + textMarkup(text, x, top + height / 2, { size: 12, colour: soft });
}

/** A thumbnail shrunk into its place, in the middle of it. */
async function shrunk(shown: Thumbnail, { left, top, width, height }: Place): Promise<OverlayOptions> {
  const { data, info } = await sharp(shown.jpeg)
    .resize({ width, height, fit: 'inside' })
    .png()
    .toBuffer({ resolveWithObject: true });
  return {
    input: data,
    left: left + Math.floor((width - info.width) / 2),
    top: top + Math.floor((height - info.height) / 2),
  };
}
