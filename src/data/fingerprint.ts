/** @file The identity of a data set's content, so that runs and results can say what they were made from. */
import { createHash } from 'node:crypto';
import type { ImageRecord } from './dataset.ts';

/**
 * SHA-256 (hex) of image ids, splits, caption ids and captions, in order: order counts, because samplers and the folds
 * of evaluation go by it. Paths and metadata do not, so that a data set may be moved.
 */
export function fingerprintOf(images: readonly ImageRecord[]): string {
  const hash = createHash('sha256');
  for (const { id, split, captions } of images) {
    hash.update(`${JSON.stringify([id, split, captions.map((caption) => [caption.id, caption.text])])}\n`);
  }
  return hash.digest('hex');
}
