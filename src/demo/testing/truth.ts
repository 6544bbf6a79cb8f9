/** @file Holds what a caption says against where things were drawn, by coordinates instead of thirds. */
import type { Drawing } from '../arrange.ts';
import type { Background } from '../scene.ts';
import type { Said } from './read.ts';

/** What the caption gets wrong, or undefined if all it says is true. */
export function contradiction(said: Said, drawings: readonly Drawing[], background: Background): string | undefined {
  const { colour = background.colour, pattern = background.pattern } = said.background;
  if (colour !== background.colour || pattern !== background.pattern) return 'background';
  if (said.count !== undefined && said.count !== drawings.length) return 'count';
  const found = said.objects.map(({ shape, colour }) =>
    drawings.find(({ object }) => object.shape === shape && object.colour === colour),
  );
  for (const [i, { shape, size, place }] of said.objects.entries()) {
    const drawing = found[i];
    if (drawing === undefined) return `no ${shape}`;
    if (size !== undefined && size !== sizeOf(drawing.radius)) return `size of ${shape}`;
    if (place !== undefined && !isAt(place, drawing)) return `place of ${shape}`;
  }
  for (const { words, subject, object } of said.relations) {
    const [a, b] = [found[subject], found[object]];
    if (a === undefined || b === undefined || !holds(words, a, b)) return words;
  }
  return undefined;
}

function sizeOf(radius: number): string {
  if (radius < 0.11) return 'small';
  return radius > 0.16 ? 'large' : 'medium';
}

function isAt(place: string, { x, y }: Drawing): boolean {
  const isLeft = x < 0.4;
  const isRight = x > 0.6;
  const isHigh = y < 0.4;
  const isLow = y > 0.6;
  if (/middle|centre/.test(place) && !/top|bottom|left|right/.test(place)) {
    return !isLeft && !isRight && !isHigh && !isLow;
  }
  if (/middle of the (?:top|bottom)|(?:top|bottom) centre/.test(place) && (isLeft || isRight)) return false;
  if (/middle of the (?:left|right)|middle (?:left|right)/.test(place) && (isHigh || isLow)) return false;
  return (
    (!/left/.test(place) || isLeft) &&
    (!/right/.test(place) || isRight) &&
    (!/top|upper/.test(place) || isHigh) &&
    (!/bottom|lower/.test(place) || isLow)
  );
}

function holds(words: string, a: Drawing, b: Drawing): boolean {
  const apart = Math.hypot(a.x - b.x, a.y - b.y);
  if (/above|over|higher/.test(words)) return a.y < b.y - 0.2;
  if (/below|under|beneath/.test(words)) return a.y > b.y + 0.2;
  if (/left/.test(words)) return a.x < b.x - 0.2;
  if (/right/.test(words)) return a.x > b.x + 0.2;
  if (/inside|within/.test(words)) return apart + a.radius < b.radius;
  if (/around|surrounding/.test(words)) return apart + b.radius < a.radius;
  return Math.abs(a.y - b.y) < 0.08 && Math.abs(a.x - b.x) > 0.2; // next to, beside
}
