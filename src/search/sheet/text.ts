/** @file Text in drawings: how wide it is about, what of it fits, and its SVG. */

export interface TextStyle {
  readonly size: number;
  readonly colour: string;
  readonly bold?: boolean;
  readonly serif?: boolean;
  readonly anchor?: 'start' | 'end';
}

/** Which letters are narrow and wide in the common sans-serif fonts; ideographs and most emoji fill a square. */
const NARROW = /[iljtfrI.,:;'|!()[\]{} /\\-]/;
const BROAD = /[A-HJ-Zmw@%&+=<>~]/;
const SQUARE = /[\u1100-\u115f\u2e80-\uffdc]|\p{Extended_Pictographic}/u;

/** About how wide a text is, in pixels. */
export function widthOf(text: string, size: number): number {
  let units = 0;
  for (const letter of text) {
    if (SQUARE.test(letter)) units += 1;
    else if (BROAD.test(letter)) units += 0.74;
    else units += NARROW.test(letter) ? 0.33 : 0.56;
  }
  return units * size;
}

/** A text cut in the middle so that it fits: names differ at both ends. */
export function fitted(text: string, width: number, size: number): string {
  if (widthOf(text, size) <= width) return text;
  const letters = [...text];
  for (let kept = letters.length - 1; kept > 1; kept--) {
    const front = Math.ceil(kept / 2);
    const cut = `${letters.slice(0, front).join('')}…${letters.slice(letters.length - (kept - front)).join('')}`;
    if (widthOf(cut, size) <= width) return cut;
  }
  return '…';
}

/** A text broken into lines that fit; what does not fit into the last one is cut off with `…`. */
export function wrapped(text: string, width: number, size: number, lines: number): string[] {
  const done: string[] = [];
  let rest = [...text.trim().replaceAll(/\s+/g, ' ')];
  while (rest.length > 0 && done.length < lines) {
    let end = rest.length;
    while (end > 1 && widthOf(rest.slice(0, end).join(''), size) > width) end--;
    const space = rest.lastIndexOf(' ', end);
    const at = end === rest.length || space <= 0 ? end : space;
    done.push(rest.slice(0, at).join(''));
    rest = [...rest.slice(at).join('').trimStart()];
  }
  if (rest.length > 0 && done.length > 0) {
    let last = [...done[done.length - 1]];
    while (last.length > 0 && widthOf(`${last.join('')}…`, size) > width) last = last.slice(0, -1);
    done[done.length - 1] = `${last.join('').trimEnd()}…`;
  }
  return done;
}

/** One line of text as SVG, its baseline at y. */
export function textMarkup(text: string, x: number, y: number, style: TextStyle): string {
  if (text === '') return '';
  const { size, colour, bold = false, serif = false, anchor = 'start' } = style;
  const family = serif
    ? 'Palatino, Georgia, Liberation Serif, DejaVu Serif, serif'
    : 'Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif';
  const weight = bold ? ' font-weight="600"' : '';
  return `<text x="${x}" y="${y}" font-family="${family}" font-size="${size}" fill="${colour}" text-anchor="${anchor}"${weight}>${escaped(text)}</text>`;
}

/** Escapes what XML reads as markup, and leaves out what XML cannot hold at all. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
