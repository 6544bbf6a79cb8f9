/** @file The image side of one part of the data: stored features, or pictures decoded once. */

import { readsPictures } from '../../config/training.ts';
import type { ImageRecord } from '../../data/dataset.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { Progress } from '../../system/progress.ts';
import { PixelSide } from '../batches/pixels.ts';
import { RegionSide } from '../batches/regions.ts';
import type { Side } from '../batches/side.ts';
import { type FeatureFiles, regionSource } from './features.ts';
import type { GivenModels } from './given.ts';
import type { ModelFacts } from './model.ts';
import { bytesOf, loadPictures } from './pictures.ts';
import { vectorCache } from './vectors/cache.ts';
import { type VectorImages, vectorImages } from './vectors/images.ts';

export interface OpenedImages {
  readonly side: Side;
  /** Form of the stored features; undefined for pixels. */
  readonly features: ModelFacts['features'];
  /** SHA-256 of the pixels as they enter the tower; undefined for features, whose files have their own. */
  readonly fingerprint: string | undefined;
  /** Towers over vectors: where the images are among them. */
  readonly vectors?: Pick<VectorImages, 'table' | 'rows'>;
}

export type ImageValues = Pick<TrainingValues, 'image' | 'features' | 'augmentation' | 'heads'>;

/**
 * @param models pretrained models that the towers begin as
 * @throws DIPTYCH_TRAINING_FEATURES, DIPTYCH_TRAINING_PICTURES, and what feature files and decoding throw
 */
export async function openImages(
  images: readonly ImageRecord[],
  { image, features, augmentation, heads }: ImageValues,
  files: FeatureFiles,
  progress: Progress,
  models: GivenModels['descriptions'] = {},
): Promise<OpenedImages> {
  if (readsPictures(image.kind)) {
    const { pixels, size } = await loadPictures(images, bytesOf({ image }, models), progress);
    const side = new PixelSide(pixels, size);
    return { side, features: undefined, fingerprint: await pixelFingerprint(pixels) };
  }
  const file = features.file ?? undefined;
  if (image.kind === 'vector') {
    const options = { ...features, cache: vectorCache({ heads }), progress };
    const vectors = await vectorImages(files, images, file, options);
    const { dimension: width, regions, dtype } = vectors.file;
    const { views } = vectors.side;
    return { side: vectors.side, features: { width, regions, dtype, views }, fingerprint: undefined, vectors };
  }
  const source = await regionSource(files, images, file);
  const { width, regions, dtype } = source;
  const { regionDrop } = augmentation;
  const side = new RegionSide(source, { ...features, regionDrop });
  return { side, features: { width, regions, dtype, views: side.views }, fingerprint: undefined };
}

/** Counted by the system's threads: hundreds of megabytes would hold up the process. */
async function pixelFingerprint(pixels: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', pixels)).toString('hex');
}
