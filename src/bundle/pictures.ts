/** @file Pictures to vectors, in processes of their own: decoding, preprocessing, backbone, image model. */
import { join } from 'node:path';
import { splitViews, viewMean } from '../data/features/view-mean.ts';
import { viewOf } from '../data/features/views.ts';
import type { View } from '../data/images/preprocess.ts';
import type { Preprocessing } from '../data/images/preprocessing.ts';
import type { FeatureShape } from '../encoders/backbone/backbone.ts';
import { BackbonePool } from '../encoders/backbone/pool.ts';
import type { Encoded, Setup, TooLarge } from '../encoders/backbone/protocol.ts';
import { isDiptychError } from '../errors/error.ts';
import { damagedBundle, type FileName, type ImagesInput } from './manifest.ts';

/** Most pictures that a process is given at once: as many as its models take together. */
const JOB = 16;

/** A picture file, or the bytes of one. */
export type PictureSource = string | Uint8Array;

/** A vector, or why there is none; where that is the picture's size, also which. */
export type PictureVector = Float32Array | { readonly error: string; readonly tooLarge?: TooLarge };

/** What `Pictures` needs of a bundle. */
export interface PicturesOptions {
  readonly folder: string;
  readonly images: ImagesInput;
  readonly dimension: number;
  readonly preprocessing: Preprocessing;
  /** How the processes share the cores. */
  readonly shares: { readonly processes: number; readonly threads: number };
}

/** The model that pictures enter: over pixels the image model itself, over features the backbone before it. */
export function pictureModel(images: ImagesInput): FileName {
  return images.kind === 'pixels' ? 'image.onnx' : 'backbone.onnx';
}

/** The models that pictures go through, as a process of a backbone takes them: its file, and a head over features. */
export function pictureModels(
  folder: string,
  images: ImagesInput,
  preprocessing: Preprocessing,
): Pick<Setup, 'file' | 'dtype' | 'head'> {
  const file = { model: join(folder, pictureModel(images)), preprocessing };
  if (images.kind === 'pixels') return { file, dtype: 'float32' };
  return { file, dtype: images.dtype, head: join(folder, 'image.onnx') };
}

/** The views of a picture that a bundle averages: the same places in every picture, drawn as those of features are. */
export function pictureViews(images: ImagesInput): View[] {
  const count = images.kind === 'features' ? (images.views ?? 1) : 1;
  return Array.from({ length: count }, (_, view) => viewOf(0, 'bundle', view));
}

/** What a failed start says of a bundle: models that do not fit each other are damage. */
export function pictureFailure(cause: unknown): unknown {
  return isDiptychError(cause, 'DIPTYCH_BACKBONE_SHAPE')
    ? damagedBundle(cause.fields.path, cause.message, cause)
    : cause;
}

/** The error of models that do not give one vector of the bundle's dimension. */
export function pictureMisfit(model: string, { regions, dimension: found }: FeatureShape, dimension: number) {
  if (regions === 1 && found === dimension) return undefined;
  return damagedBundle(model, `it gives ${regions} x ${found} numbers for a picture instead of ${dimension}`);
}

/** One vector of what the views of a picture gave. */
export function pictureVector(one: Encoded, dimension: number): PictureVector {
  if ('refused' in one) {
    const { refused: error, ...rest } = one;
    return { error, ...rest };
  }
  return viewMean(splitViews(one.features as Float32Array, dimension), dimension);
}

export class Pictures {
  readonly #pool: BackbonePool;
  readonly #processes: number;
  readonly #dimension: number;

  private constructor(pool: BackbonePool, processes: number, dimension: number) {
    this.#pool = pool;
    this.#processes = processes;
    this.#dimension = dimension;
  }

  /**
   * Starts the processes.
   *
   * @throws DIPTYCH_BUNDLE_DAMAGED if the models do not fit together; DIPTYCH_BACKBONE_…
   */
  static async open({ folder, images, dimension, preprocessing, shares }: PicturesOptions): Promise<Pictures> {
    const { file, ...models } = pictureModels(folder, images, preprocessing);
    const pool = await BackbonePool.open(file, { ...shares, ...models }).catch((cause) => {
      throw pictureFailure(cause);
    });
    const misfit = pictureMisfit(file.model, pool.shape, dimension);
    if (misfit === undefined) return new Pictures(pool, shares.processes, dimension);
    await pool.close();
    throw misfit;
  }

  /** One vector for each picture, in order; those that cannot be read are told, the others are encoded all the same. */
  async encode(sources: readonly PictureSource[], views: readonly View[]): Promise<PictureVector[]> {
    const size = jobSize(sources.length, this.#processes);
    const starts = Array.from({ length: Math.ceil(sources.length / size) }, (_, i) => i * size);
    const jobs = starts.map((start) => {
      const pictures = sources.slice(start, start + size).map((source) => ({ source, views }));
      return this.#pool.encode(pictures);
    });
    return (await Promise.all(jobs)).flat().map((one) => pictureVector(one, this.#dimension));
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** Pictures a job: the jobs are as long as each other, and every process has as many. */
function jobSize(pictures: number, processes: number): number {
  const rounds = Math.ceil(pictures / (JOB * processes));
  return Math.ceil(pictures / (rounds * processes));
}
