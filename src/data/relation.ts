/** @file Images of a split, and their captions in order with the image that each belongs to. */
import type { Caption, Dataset, ImageRecord, Split } from './dataset.ts';

/** The images of some splits, in the order of the data set. */
export function imagesOf(dataset: Dataset, ...splits: readonly Split[]): ImageRecord[] {
  return dataset.images.filter(({ split }) => splits.includes(split));
}

/** Captions image by image, in order. Entry c belongs to image `captionImageRows(images)[c]`. */
export function captionsOf(images: readonly ImageRecord[]): Caption[] {
  return images.flatMap(({ captions }) => captions);
}

/** The position in `images` of the image of each caption of `captionsOf`, [captions]. */
export function captionImageRows(images: readonly ImageRecord[]): Int32Array {
  return Int32Array.from(images.flatMap(({ captions }, row) => captions.map(() => row)));
}
