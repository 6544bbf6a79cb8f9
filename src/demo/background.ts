/** @file Paints the background of a picture: a colour with a slight slope of light, and a pattern over it. */
import { Random } from '../random/random.ts';
import { backgrounds, type Pattern, varied } from './palette.ts';
import type { Background } from './scene.ts';

/** Fills a canvas of size × size pixels. @param key what shade, slope and pattern are drawn from */
export function paintBackground(canvas: Float64Array, size: number, background: Background, key: number): void {
  const random = new Random(key, 'background');
  const [r, g, b] = varied(backgrounds[background.colour], random);
  const figure = figures[background.pattern](random);
  // Light patterns on dark ground, dark patterns on light ground.
  const contrast = (r + g + b < 300 ? 46 : -26) * (0.85 + 0.3 * random.uniform());
  const slope = 14 * (random.uniform() - 0.5);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5) / size;
      const y = (row + 0.5) / size;
      const light = slope * (y - 0.5) + contrast * coverage(figure(x, y), size);
      const at = (row * size + column) * 3;
      canvas[at] = r + light;
      canvas[at + 1] = g + light;
      canvas[at + 2] = b + light;
    }
  }
}

/** Signed distance, in sides of the picture, to the figure of a pattern; position and period vary a little. */
const figures: Readonly<Record<Pattern, (random: Random) => (x: number, y: number) => number>> = {
  plain: () => () => 1,
  striped(random) {
    const period = 0.15 + 0.03 * random.uniform();
    const start = random.uniform();
    // Upright, level, or falling either way.
    const [alongX, alongY] = [
      [1, 0],
      [0, 1],
      [Math.SQRT1_2, Math.SQRT1_2],
      [Math.SQRT1_2, -Math.SQRT1_2],
    ][random.integer(4)];
    return (x, y) => (Math.abs(phase((alongX * x + alongY * y) / period + start)) - 0.25) * period;
  },
  dotted(random) {
    const period = 0.15 + 0.03 * random.uniform();
    const [startX, startY] = [random.uniform(), random.uniform()];
    return (x, y) => {
      const [dx, dy] = [phase(x / period + startX), phase(y / period + startY)];
      return (Math.sqrt(dx * dx + dy * dy) - 0.25) * period;
    };
  },
  checked(random) {
    const period = 0.24 + 0.04 * random.uniform();
    const [startX, startY] = [random.uniform(), random.uniform()];
    return (x, y) => {
      const [dx, dy] = [0.25 - Math.abs(phase(x / period + startX)), 0.25 - Math.abs(phase(y / period + startY))];
      const near = Math.min(Math.abs(dx), Math.abs(dy)) * period;
      return dx * dy > 0 ? -near : near;
    };
  },
};

/** Position within a period, from -0.5 to 0.5. */
function phase(t: number): number {
  return t - Math.floor(t) - 0.5;
}

/** Share of a pixel that lies inside, from the distance of its centre to the outline. */
export function coverage(distance: number, size: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance * size));
}
