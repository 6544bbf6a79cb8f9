/**
 * @file Random views of a picture for contrast: a part of it at another scale, colours moved, blurred, mirrored (SimCLR and MoCo v2,
 * as SLIP lists them).
 */
import type { Random } from '../../random/random.ts';

/** How strongly pictures are changed. */
export interface PixelAugmentation {
  /** Smallest and largest share of the area that is shown. */
  readonly area: readonly [number, number];
  /** Whether colours, sharpness and sides change too. */
  readonly colours: boolean;
}

/** A part of half the area or more, and nothing else: what a caption says stays true. */
export const weakView: PixelAugmentation = { area: [0.5, 1], colours: false };
/** Parts from a twelfth on, colours moved, a fifth grey, half blurred, half mirrored. */
export const strongView: PixelAugmentation = { area: [0.08, 1], colours: true };

/** Proportions of a part, width by height. */
const [narrowest, widest] = [3 / 4, 4 / 3];
const jitter = { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 };
const [greyShare, blurShare, mirrorShare] = [0.2, 0.5, 0.5];
/** Standard deviation of the blur in pixels of a picture of 224. */
const blur = { least: 0.1, most: 2, of: 224 };

/**
 * A view of a picture of planes [3, size, size], of the same form.
 *
 * @param random what is drawn follows from it alone
 */
export function augmentPixels(
  planes: Uint8Array,
  size: number,
  { area, colours }: PixelAugmentation,
  random: Random,
): Uint8Array {
  const picture = Float32Array.from(cropped(planes, size, partOf(area, random)));
  if (!colours) return Uint8Array.from(picture, toByte);
  if (random.uniform() < jitter.probability) jittered(picture, random);
  if (random.uniform() < greyShare) {
    forPixels(picture, (r, g, b) => {
      const grey = luma(r, g, b);
      return [grey, grey, grey];
    });
  }
  if (random.uniform() < blurShare) {
    const deviation = ((blur.least + (blur.most - blur.least) * random.uniform()) * size) / blur.of;
    blurred(picture, size, deviation);
  }
  if (random.uniform() < mirrorShare)
    for (let row = 0; row < 3 * size; row++) picture.subarray(row * size, (row + 1) * size).reverse();
  return Uint8Array.from(picture, toByte);
}

/** A part of the unit square. */
interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A part of a random area and proportion that lies inside; the whole where none does in ten draws. */
function partOf([least, most]: readonly [number, number], random: Random): Part {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = least + (most - least) * random.uniform();
    const ratio = Math.exp(Math.log(narrowest) + Math.log(widest / narrowest) * random.uniform());
    const [width, height] = [Math.sqrt(area * ratio), Math.sqrt(area / ratio)];
    if (width > 1 || height > 1) continue;
    return { left: (1 - width) * random.uniform(), top: (1 - height) * random.uniform(), width, height };
  }
  return { left: 0, top: 0, width: 1, height: 1 };
}

/** The part at the size of the whole, bilinear. */
function cropped(planes: Uint8Array, size: number, { left, top, width, height }: Part): Float32Array {
  const out = new Float32Array(planes.length);
  const places = (start: number, length: number) =>
    Array.from({ length: size }, (_, i) => {
      const at = Math.min(size - 1, Math.max(0, size * start + (i + 0.5) * length - 0.5));
      const low = Math.floor(at);
      return { low, high: Math.min(size - 1, low + 1), share: at - low };
    });
  const [xs, ys] = [places(left, width), places(top, height)];
  for (let channel = 0, to = 0; channel < 3; channel++) {
    const plane = planes.subarray(channel * size * size, (channel + 1) * size * size);
    for (const { low: y0, high: y1, share: v } of ys) {
      for (const { low: x0, high: x1, share: u } of xs) {
        const upper = plane[y0 * size + x0] * (1 - u) + plane[y0 * size + x1] * u;
        const lower = plane[y1 * size + x0] * (1 - u) + plane[y1 * size + x1] * u;
        out[to++] = upper * (1 - v) + lower * v;
      }
    }
  }
  return out;
}

/** Brightness, contrast, saturation and hue by random factors, in random order. */
function jittered(picture: Float32Array, random: Random): void {
  const factor = (range: number) => 1 + range * (2 * random.uniform() - 1);
  const changes = [
    () => brightened(picture, factor(jitter.brightness)),
    () => contrasted(picture, factor(jitter.contrast)),
    () => saturated(picture, factor(jitter.saturation)),
    () => turned(picture, jitter.hue * (2 * random.uniform() - 1)),
  ];
  for (const change of random.shuffle(changes)) change();
}

function brightened(picture: Float32Array, factor: number): void {
  for (let i = 0; i < picture.length; i++) picture[i] = clamp(picture[i] * factor);
}

function contrasted(picture: Float32Array, factor: number): void {
  let total = 0;
  forPixels(picture, (r, g, b) => {
    total += luma(r, g, b);
    return [r, g, b];
  });
  const middle = (3 * total) / picture.length;
  for (let i = 0; i < picture.length; i++) picture[i] = clamp(middle + factor * (picture[i] - middle));
}

function saturated(picture: Float32Array, factor: number): void {
  forPixels(picture, (r, g, b) => {
    const grey = luma(r, g, b);
    return [r, g, b].map((x) => clamp(grey + factor * (x - grey))) as [number, number, number];
  });
}

/** Turns hues by a share of the circle: a rotation around the grey axis, which keeps luma nearly. */
function turned(picture: Float32Array, turn: number): void {
  const [cos, sin] = [Math.cos(2 * Math.PI * turn), Math.sin(2 * Math.PI * turn)];
  const [a, b, c] = [
    cos + (1 - cos) / 3,
    (1 - cos) / 3 - sin * Math.sqrt(1 / 3),
    (1 - cos) / 3 + sin * Math.sqrt(1 / 3),
  ];
  forPixels(picture, (red, green, blue) => [
    clamp(a * red + b * green + c * blue),
    clamp(c * red + a * green + b * blue),
    clamp(b * red + c * green + a * blue),
  ]);
}

/** A Gaussian over rows, then over columns; the border repeats. */
function blurred(picture: Float32Array, size: number, deviation: number): void {
  const reach = Math.ceil(3 * deviation);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)));
  const total = weights.reduce((a, b) => a + b);
  const line = new Float32Array(size);
  const along = (start: number, stride: number): void => {
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) {
        sum += weights[k + reach] * picture[start + stride * Math.min(size - 1, Math.max(0, i + k))];
      }
      line[i] = sum / total;
    }
    for (let i = 0; i < size; i++) picture[start + stride * i] = line[i];
  };
  for (let channel = 0; channel < 3; channel++) {
    const start = channel * size * size;
    for (let row = 0; row < size; row++) along(start + row * size, 1);
    for (let column = 0; column < size; column++) along(start + column, size);
  }
}

function forPixels(
  picture: Float32Array,
  change: (red: number, green: number, blue: number) => readonly [number, number, number],
): void {
  const pixels = picture.length / 3;
  for (let i = 0; i < pixels; i++) {
    [picture[i], picture[pixels + i], picture[2 * pixels + i]] = change(
      picture[i],
      picture[pixels + i],
      picture[2 * pixels + i],
    );
  }
}

function luma(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

function clamp(x: number): number {
  return Math.min(255, Math.max(0, x));
}

function toByte(x: number): number {
  return Math.round(x);
}
