/** @file The colours of shapes and backgrounds, and which go together. */
import type { Random } from '../random/random.ts';

export type Rgb = readonly [number, number, number];

/** Colours of shapes, sRGB 0 to 255. */
export const colours = {
  red: [226, 45, 54],
  orange: [247, 137, 28],
  yellow: [250, 212, 36],
  green: [41, 160, 72],
  blue: [38, 104, 222],
  purple: [135, 60, 190],
  pink: [246, 134, 182],
  brown: [134, 84, 44],
  black: [28, 28, 34],
  white: [252, 252, 250],
} as const satisfies Record<string, Rgb>;

/** Colours of backgrounds. */
export const backgrounds = {
  white: [248, 248, 245],
  grey: [164, 168, 174],
  black: [34, 34, 40],
  beige: [238, 222, 190],
  'light blue': [190, 222, 246],
  'dark blue': [28, 44, 98],
  'light green': [200, 234, 192],
} as const satisfies Record<string, Rgb>;

export const patterns = ['plain', 'striped', 'dotted', 'checked'] as const;

export type Colour = keyof typeof colours;
export type BackgroundColour = keyof typeof backgrounds;
export type Pattern = (typeof patterns)[number];

export const colourNames = Object.keys(colours) as readonly Colour[];
export const backgroundNames = Object.keys(backgrounds) as readonly BackgroundColour[];

/** Nearest that two colours may be for one to stand out on the other. */
const LEAST_DISTANCE = 115;

export function standsOut([r, g, b]: Rgb, [behindR, behindG, behindB]: Rgb): boolean {
  const [dr, dg, db] = [r - behindR, g - behindG, b - behindB];
  const distance = Math.sqrt(dr * dr + dg * dg + db * db);
  return distance >= LEAST_DISTANCE;
}

/** A colour somewhat lighter or darker, and slightly off. */
export function varied([r, g, b]: Rgb, random: Random): Rgb {
  const light = 0.94 + 0.12 * random.uniform();
  const off = () => light + 0.04 * (random.uniform() - 0.5);
  return [r * off(), g * off(), b * off()];
}
