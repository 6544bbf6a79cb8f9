/** @file Rows of pictures that fill the width, each row at one height, and which of them a window shows. */

/** A row: items `start` to before `end`, with the height of its pictures. */
export interface GridRow {
  readonly top: number;
  readonly height: number;
  readonly start: number;
  readonly end: number;
}

export interface GridForm {
  /** Width of the grid, and the height that rows shall have about, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Between pictures, both ways. */
  readonly gap: number;
  /** Below each picture, for words. */
  readonly foot: number;
}

export interface Layout {
  readonly rows: readonly GridRow[];
  /** Of everything. */
  readonly height: number;
}

/** Wider or taller pictures than this are shown cut, so that no single one takes a row or vanishes in it. */
const NARROWEST = 0.5;
const WIDEST = 2.6;

/** Width over height, as it is shown; 1 where the size is not known. */
export function shapeOf(width: unknown, height: unknown): number {
  if (typeof width !== 'number' || typeof height !== 'number' || !(width > 0) || !(height > 0)) return 1;
  return Math.min(WIDEST, Math.max(NARROWEST, width / height));
}

/**
 * Lays out pictures: a row takes pictures until they would be lower than `height`. The last row keeps that height where it is
 * not full.
 *
 * @param shapes width over height of each picture
 */
export function justify(shapes: readonly number[], { width, height, gap, foot }: GridForm): Layout {
  const rows: GridRow[] = [];
  let top = 0;
  let start = 0;
  let sum = 0;
  const close = (end: number, rowHeight: number): void => {
    rows.push({ top, height: rowHeight, start, end });
    top += rowHeight + foot + gap;
    start = end;
    sum = 0;
  };
  for (let i = 0; i < shapes.length; i++) {
    sum += shapes[i];
    const fitted = (width - gap * (i - start)) / sum;
    // A narrow window may fit one picture only: it is as wide as that, and no taller than twice the aim.
    if (fitted <= height) close(i + 1, Math.max(1, fitted));
  }
  if (start < shapes.length) close(shapes.length, height);
  return { rows, height: Math.max(0, top - gap) };
}

/** The rows, from the first to before the last, that touch the window from `from` to `to`. */
export function rowsWithin({ rows }: Layout, from: number, to: number): [first: number, last: number] {
  // Rows are in order, so the first that begins at or after a place is found by halving.
  const after = (place: number): number => {
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].top < place) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return [Math.max(0, after(from) - 1), after(to)];
}

/** The row of an item. */
export function rowOf({ rows }: Layout, item: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].end <= item) low = middle + 1;
    else high = middle;
  }
  return low;
}

export type Step = 'left' | 'right' | 'up' | 'down' | 'first' | 'last';

/** The item that a step leads to; up and down go to the picture whose middle is nearest. */
export function stepFrom(item: number, step: Step, layout: Layout, shapes: readonly number[]): number {
  const last = shapes.length - 1;
  if (step === 'left') return Math.max(0, item - 1);
  if (step === 'right') return Math.min(last, item + 1);
  if (step === 'first') return 0;
  if (step === 'last') return last;
  const row = rowOf(layout, item) + (step === 'down' ? 1 : -1);
  if (row < 0 || row >= layout.rows.length) return item;
  const middle = middleOf(item, layout, shapes);
  const { start, end } = layout.rows[row];
  let nearest = start;
  for (let i = start; i < end; i++) {
    const nearer =
      Math.abs(middleOf(i, layout, shapes) - middle) < Math.abs(middleOf(nearest, layout, shapes) - middle);
    if (nearer) nearest = i;
  }
  return nearest;
}

function middleOf(item: number, layout: Layout, shapes: readonly number[]): number {
  const { start, height } = layout.rows[rowOf(layout, item)];
  let left = 0;
  for (let i = start; i < item; i++) left += shapes[i] * height;
  return left + (shapes[item] * height) / 2;
}
