/** @file From a decoded picture to the numbers a model takes: one pure function, described by a preprocessing. */
import { type Box, type RgbImage, wholeBox } from './image.ts';
import type { Preprocessing, Resizing } from './preprocessing.ts';
import { resize, type Window } from './resize.ts';

/** A way of looking at a picture: a part of it, in fractions of its width and height, perhaps mirrored. */
export interface View {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly mirrored: boolean;
}

/** The whole picture as it is. */
export const plainView: View = { left: 0, top: 0, width: 1, height: 1, mirrored: false };

/**
 * Brings a picture to the size, range and layout of a model.
 *
 * @param view which part of it, and whether mirrored
 * @param out where to write `3 * height * width` numbers; a new array unless given
 */
export function preprocess(
  image: RgbImage,
  preprocessing: Preprocessing,
  view: View = plainView,
  out: Float32Array = new Float32Array(valuesOf(preprocessing)),
): Float32Array {
  const box = boxOf(image, view);
  const whole = resizedSize(box, preprocessing.resize);
  const window = middleOf(whole, outputSize(preprocessing));
  const resized = resize(image, { ...whole, filter: preprocessing.resize.filter, box, window });
  normalise(resized, preprocessing, view.mirrored, out);
  return out;
}

/** How many numbers a picture becomes. */
export function valuesOf(preprocessing: Preprocessing): number {
  const { width, height } = outputSize(preprocessing);
  return 3 * width * height;
}

/** Size of the pictures that a preprocessing gives. */
export function outputSize({ resize, crop }: Preprocessing): { width: number; height: number } {
  if (crop !== undefined) return crop;
  return 'shorter' in resize ? { width: resize.shorter, height: resize.shorter } : resize;
}

function boxOf(image: RgbImage, view: View): Box {
  if (view.width === 1 && view.height === 1) return wholeBox(image);
  const left = view.left * image.width;
  const top = view.top * image.height;
  return { left, top, right: left + view.width * image.width, bottom: top + view.height * image.height };
}

/** The shorter side gets its length, the longer keeps the proportion, rounded down (torchvision, transformers). */
function resizedSize(box: Box, resizing: Resizing): { width: number; height: number } {
  if ('width' in resizing) return { width: resizing.width, height: resizing.height };
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const { shorter } = resizing;
  return width <= height
    ? { width: shorter, height: Math.max(shorter, Math.trunc((shorter * height) / width)) }
    : { width: Math.max(shorter, Math.trunc((shorter * width) / height)), height: shorter };
}

/** The middle of the resized picture; half a pixel is rounded towards the top left (transformers). */
function middleOf(whole: { width: number; height: number }, size: { width: number; height: number }): Window {
  return {
    left: Math.floor((whole.width - size.width) / 2),
    top: Math.floor((whole.height - size.height) / 2),
    width: size.width,
    height: size.height,
  };
}

// value = (pixel * rescale - mean) / std, from a table of the 256 pixels, written where the layout wants it.
function normalise(image: RgbImage, preprocessing: Preprocessing, mirrored: boolean, out: Float32Array): void {
  const { width, height, data } = image;
  const [red, green, blue] = tablesOf(preprocessing);
  const planes = preprocessing.layout === 'NCHW';
  const toGreen = planes ? width * height : 1;
  const toBlue = 2 * toGreen;
  const step = (planes ? 1 : 3) * (mirrored ? -1 : 1);
  let i = 0;
  for (let y = 0; y < height; y++) {
    let o = (y * width + (mirrored ? width - 1 : 0)) * (planes ? 1 : 3);
    for (let x = 0; x < width; x++) {
      out[o] = red[data[i]];
      out[o + toGreen] = green[data[i + 1]];
      out[o + toBlue] = blue[data[i + 2]];
      o += step;
      i += 3;
    }
  }
}

const tables = new WeakMap<Preprocessing, readonly Float32Array[]>();

/** The value of each pixel in each colour, made once for a preprocessing. */
function tablesOf(preprocessing: Preprocessing): readonly Float32Array[] {
  let made = tables.get(preprocessing);
  if (made === undefined) {
    const { rescale, mean, std } = preprocessing;
    made = [0, 1, 2].map((c) => Float32Array.from({ length: 256 }, (_, pixel) => (pixel * rescale - mean[c]) / std[c]));
    tables.set(preprocessing, made);
  }
  return made;
}
