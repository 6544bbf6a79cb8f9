/** @file Stored features of a list of images: one file for all, or the files that the data set brings. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { ImageRecord } from '../../data/dataset.ts';
import { FeatureFile } from '../../data/features/file.ts';
import { DiptychError } from '../../errors/error.ts';
import type { RegionSource } from '../batches/regions.ts';

/** Open feature files by path; a path is opened once. */
export class FeatureFiles {
  readonly #files = new Map<string, Promise<FeatureFile>>();

  open(path: string): Promise<FeatureFile> {
    let file = this.#files.get(path);
    if (!file) {
      file = FeatureFile.open(path);
      this.#files.set(path, file);
    }
    return file;
  }

  /** SHA-256 of what the features were made from, or of their form where that was not noted; by name of the file. */
  async fingerprints(): Promise<Record<string, string>> {
    const files = await Promise.all(this.#files.values());
    return Object.fromEntries(
      files.map(({ path, sidecar, images, views, regions, dimension, dtype }) => {
        const known = sidecar ?? { shape: [images, views, regions, dimension], dtype };
        const sha256 = createHash('sha256').update(JSON.stringify(known)).digest('hex');
        return [`features ${basename(path)}`, sha256];
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#files.values()].map(async (file) => (await file).close()));
  }
}

/** A row of a feature file. */
interface Place {
  readonly file: FeatureFile;
  readonly row: number;
}

/**
 * File and row of each image.
 *
 * @param path the feature file; undefined takes the files and rows that the records name
 * @throws DIPTYCH_TRAINING_FEATURES if an image has none
 */
export function placesOf(
  files: FeatureFiles,
  images: readonly ImageRecord[],
  path: string | undefined,
): Promise<Place[]> {
  return Promise.all(
    images.map(async (image) => {
      const from = path ?? image.features;
      if (from === undefined) throw missing(image.id, 'neither --features nor the data set names a feature file');
      const file = await files.open(from);
      const row = image.row !== undefined && !file.ids ? image.row : file.row(image.id);
      return { file, row };
    }),
  );
}

/**
 * Where the features of images are read.
 *
 * @param path the feature file; undefined takes the files and rows that the records name
 * @throws DIPTYCH_TRAINING_FEATURES if an image has none, or files differ in form
 */
export async function regionSource(
  files: FeatureFiles,
  images: readonly ImageRecord[],
  path: string | undefined,
): Promise<RegionSource> {
  const places = await placesOf(files, images, path);
  const [{ file: first }] = places;
  const odd = places.find(
    ({ file }) => file.regions !== first.regions || file.dimension !== first.dimension || file.dtype !== first.dtype,
  );
  if (odd) throw missing(odd.file.path, `its features are not of the form of ${first.path}`);
  return {
    regions: first.regions,
    width: first.dimension,
    views: Math.min(...places.map(({ file }) => file.views)),
    dtype: first.dtype,
    read: async (image, view) => {
      const { file, row } = places[image];
      const out = file.dtype === 'float16' ? new Uint16Array(file.rowLength) : new Float32Array(file.rowLength);
      await file.readStored([row], out, view);
      return out;
    },
  };
}

function missing(id: string, reason: string) {
  return new DiptychError('DIPTYCH_TRAINING_FEATURES', { id, reason });
}
