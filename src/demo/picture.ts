/** @file Draws a scene as a small RGB picture: anti-aliased shapes with a soft shadow on a patterned background. */
import { bitsAt, keyOf } from '../random/hash.ts';
import { arrange, type Drawing } from './arrange.ts';
import { coverage, paintBackground } from './background.ts';
import type { Rgb } from './palette.ts';
import type { Scene } from './scene.ts';
import { shapes } from './shapes.ts';

const NOISE = 5; // of 255, half the width of its triangular distribution

/**
 * Draws a scene.
 *
 * @param key what jitter and noise are drawn from; another key draws the same scene slightly otherwise
 * @param size side of the picture in pixels
 * @returns size × size × 3 bytes, row by row, the same on every machine
 */
export function drawPicture(scene: Scene, key: number, size: number): Uint8Array {
  const canvas = new Float64Array(size * size * 3);
  paintBackground(canvas, size, scene.background, key);
  for (const drawing of arrange(scene, key)) {
    paintShape(canvas, size, drawing, shadow);
    paintShape(canvas, size, drawing, body);
  }
  return withNoise(canvas, keyOf(key, 'noise'));
}

/** How a pass over a shape paints: offset of the shape, opacity and lightness at a distance from the outline. */
interface Brush {
  readonly offset: number;
  readonly opacity: (distance: number, size: number) => number;
  /** Added to each channel. */
  readonly light: (distance: number, x: number, y: number, size: number) => number;
  readonly colour: (drawing: Drawing) => Rgb;
}

const ink: Rgb = [0, 0, 0];

const shadow: Brush = {
  offset: 0.022,
  opacity: (distance) => 0.3 * Math.min(1, Math.max(0, 0.5 - distance / 0.05)),
  light: () => 0,
  colour: () => ink,
};

const body: Brush = {
  offset: 0,
  opacity: coverage,
  // A darker rim of about a pixel, and light from the upper left.
  light: (distance, x, y, size) => (distance * size > -1.1 ? -34 : 0) - 9 * (x + y),
  colour: ({ colour }) => colour,
};

function paintShape(canvas: Float64Array, size: number, drawing: Drawing, brush: Brush): void {
  const { radius, tilt, object } = drawing;
  const distanceTo = shapes[object.shape];
  const [centreX, centreY] = [drawing.x + brush.offset, drawing.y + brush.offset];
  // cos and sin of 2 atan(tilt), without a function that machines may round differently.
  const [cos, sin] = [(1 - tilt * tilt) / (1 + tilt * tilt), (2 * tilt) / (1 + tilt * tilt)];
  const colour = brush.colour(drawing);
  const reach = radius * 1.5 + 0.05;
  const first = (centre: number) => Math.max(0, Math.floor((centre - reach) * size));
  const last = (centre: number) => Math.min(size - 1, Math.ceil((centre + reach) * size));
  for (let row = first(centreY); row <= last(centreY); row++) {
    for (let column = first(centreX); column <= last(centreX); column++) {
      const x = ((column + 0.5) / size - centreX) / radius;
      const y = ((row + 0.5) / size - centreY) / radius;
      const distance = distanceTo(cos * x + sin * y, cos * y - sin * x) * radius;
      const opacity = brush.opacity(distance, size);
      if (opacity === 0) continue;
      const light = brush.light(distance, x, y, size);
      const at = (row * size + column) * 3;
      for (let c = 0; c < 3; c++) canvas[at + c] += opacity * (colour[c] + light - canvas[at + c]);
    }
  }
}

/** Adds noise to each channel (the difference of two uniform draws) and rounds to bytes. */
function withNoise(canvas: Float64Array, key: number): Uint8Array {
  const bytes = new Uint8Array(canvas.length);
  for (let i = 0; i < bytes.length; i++) {
    const bits = bitsAt(key, i);
    const noise = ((bits & 0xffff) - (bits >>> 16)) / 65536;
    bytes[i] = Math.round(Math.min(255, Math.max(0, canvas[i] + NOISE * noise)));
  }
  return bytes;
}
