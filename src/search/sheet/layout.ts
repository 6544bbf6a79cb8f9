/** @file Laying pictures out in rows of one width, none of them cut. */

/** Where a picture lies, in pixels. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  /** Between pictures, both ways. */
  readonly gap: number;
  /** Height of a row before it is stretched or shrunk to fill the width. */
  readonly row: number;
  /** Kept free below each picture. */
  readonly below: number;
}

/** Pictures narrower than this stand on a wider card, so that there is room for text. */
const NARROWEST = 0.75;

/**
 * Rows of pictures: as many as go into the width at about the height of a row, then all of a row of the one height
 * that fills it, h = (width - gaps) / sum of aspects. The last row keeps the usual height.
 *
 * @param aspects width / height of each picture
 */
export function rowsOf(aspects: readonly number[], { left, top, width, gap, row, below }: Area): Place[] {
  const places: Place[] = [];
  let y = top;
  for (let first = 0; first < aspects.length; ) {
    let sum = 0;
    let end = first;
    while (end < aspects.length && (end === first || sum * row + (end - first - 1) * gap < width)) {
      sum += cardAspect(aspects[end++]);
    }
    const free = width - (end - first - 1) * gap;
    const isFull = sum * row >= free;
    const height = Math.round(isFull ? Math.min(free / sum, 1.25 * row) : row);
    let x = left;
    for (let i = first; i < end; i++) {
      const wide = Math.min(width, Math.round(cardAspect(aspects[i]) * height));
      places.push({ left: Math.round(x), top: y, width: wide, height });
      x += wide + gap;
    }
    y += height + below + gap;
    first = end;
  }
  return places;
}

function cardAspect(aspect: number): number {
  return Math.min(6, Math.max(NARROWEST, aspect));
}
