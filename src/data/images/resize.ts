/** @file Resizing equal to Pillow's `Image.resize` to the bit: two passes in fixed point, shrinking with antialiasing. */
import type { ResampleFilter } from './filters.ts';
import { type Box, type RgbImage, wholeBox } from './image.ts';
import { spanOf, type Taps, tapsOf, WEIGHT_BITS } from './taps.ts';

/** Half a unit, so that shifting the fraction away rounds. */
const HALF = 1 << (WEIGHT_BITS - 1);

/** A part of the resized picture, in whole pixels. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface ResizeOptions {
  /** Size of the whole result, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly filter: ResampleFilter;
  /** Which part of the source becomes the result; all of it unless given. Edges may lie between pixels. */
  readonly box?: Box | undefined;
  /** Which part of the result is wanted; all of it unless given. The rest is not computed. */
  readonly window?: Window | undefined;
}

/**
 * Resizes a picture. Pixels equal those of Pillow 13 to the bit. (Older versions differ by its order of the passes, which
 * decides what is rounded first: they always go across before down.)
 *
 * @returns `window.width` x `window.height` pixels; the same pixels that cutting the window out afterwards would give
 */
export function resize(image: RgbImage, options: ResizeOptions): RgbImage {
  const { width, height, filter, box = wholeBox(image) } = options;
  const window = options.window ?? { left: 0, top: 0, width, height };
  const across = tapsOf(filter, {
    size: image.width,
    from: box.left,
    to: box.right,
    outSize: width,
    first: window.left,
    count: window.width,
  });
  const down = tapsOf(filter, {
    size: image.height,
    from: box.top,
    to: box.bottom,
    outSize: height,
    first: window.top,
    count: window.height,
  });
  if (across === undefined) return down === undefined ? image : resizeDown(image, down, 0, 0, image.width);
  if (down === undefined) return resizeAcross(image, across, 0, 0, image.height);
  // The first pass makes only what the second one reads.
  if (isDownFirst(image, width, height)) {
    const { first, end } = spanOf(across);
    return resizeAcross(resizeDown(image, down, 0, first, end), across, first, 0, window.height);
  }
  const { first, end } = spanOf(down);
  return resizeDown(resizeAcross(image, across, 0, first, end), down, first, 0, window.width);
}

/** The order that Pillow 13 takes: down first where the height loses over twice the pixels that the width loses. */
function isDownFirst(image: RgbImage, width: number, height: number): boolean {
  const lost = image.height - height;
  return lost > 0 && lost > 2 * (image.width - width);
}

/** The horizontal pass over rows `top` to `bottom`. `image` begins at column `origin` of what the taps count from. */
function resizeAcross(image: RgbImage, taps: Taps, origin: number, top: number, bottom: number): RgbImage {
  const { starts, counts, weights, stride } = taps;
  const source = image.data;
  const width = starts.length;
  const height = bottom - top;
  const result = new Uint8ClampedArray(height * width * 3);
  let o = 0;
  for (let y = top; y < bottom; y++) {
    const row = (y * image.width - origin) * 3;
    for (let x = 0; x < width; x++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let i = row + starts[x] * 3;
      const end = x * stride + counts[x];
      for (let w = x * stride; w < end; w++) {
        const weight = weights[w];
        red = (red + Math.imul(source[i], weight)) | 0;
        green = (green + Math.imul(source[i + 1], weight)) | 0;
        blue = (blue + Math.imul(source[i + 2], weight)) | 0;
        i += 3;
      }
      result[o++] = red >> WEIGHT_BITS;
      result[o++] = green >> WEIGHT_BITS;
      result[o++] = blue >> WEIGHT_BITS;
    }
  }
  return { width, height, data: new Uint8Array(result.buffer) };
}

/** The vertical pass over columns `left` to `right`. `image` begins at row `origin` of what the taps count from. */
function resizeDown(image: RgbImage, taps: Taps, origin: number, left: number, right: number): RgbImage {
  const { starts, counts, weights, stride } = taps;
  const source = image.data;
  const width = right - left;
  const height = starts.length;
  const rowBytes = image.width * 3;
  const result = new Uint8ClampedArray(height * width * 3);
  let o = 0;
  for (let y = 0; y < height; y++) {
    const row = (starts[y] - origin) * rowBytes;
    const firstWeight = y * stride;
    const end = firstWeight + counts[y];
    for (let x = left * 3; x < right * 3; x += 3) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let i = row + x;
      for (let w = firstWeight; w < end; w++) {
        const weight = weights[w];
        red = (red + Math.imul(source[i], weight)) | 0;
        green = (green + Math.imul(source[i + 1], weight)) | 0;
        blue = (blue + Math.imul(source[i + 2], weight)) | 0;
        i += rowBytes;
      }
      result[o++] = red >> WEIGHT_BITS;
      result[o++] = green >> WEIGHT_BITS;
      result[o++] = blue >> WEIGHT_BITS;
    }
  }
  return { width, height, data: new Uint8Array(result.buffer) };
}
