/** @file How relevant captions are to images, in degrees: what every source of it gives. */
import type { ImageRecord } from '../../../data/dataset.ts';

/** How relevant captions are to images. Images and captions are numbered as in the list of images it was made for. */
export interface Relevance {
  /** Changes when any of its numbers might: for the record of a run. */
  readonly fingerprint: string;
  /**
   * Fills `out` [images, captions], row by row. Higher is more relevant; only the order of a row or a column counts, and how far
   * degrees lie apart where a gap is asked for.
   */
  block(images: Int32Array, captions: Int32Array, out: Float32Array): void | Promise<void>;
  /** Closes the file it reads from, where it reads from one. */
  close?(): Promise<void>;
}

/** The images that a relevance is about, and the data set they are from: files may be about either. */
export interface Subject {
  readonly images: readonly ImageRecord[];
  /** All images of the data set. */
  readonly all: readonly ImageRecord[];
}

/** How the captions of an image become one degree: of its most similar caption, or of all on average. */
export type Aggregate = 'max' | 'mean';

/** The matrix C of a batch: [pairs, pairs], rows are images, columns captions. */
export async function batchRelevance(
  relevance: Relevance,
  images: Int32Array,
  captions: Int32Array,
): Promise<Float32Array> {
  const out = new Float32Array(images.length * captions.length);
  await relevance.block(images, captions, out);
  return out;
}
