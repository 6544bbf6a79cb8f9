/** @file Pictures to vectors, in processes of their own: decoding, preprocessing, backbone, image model. */
import { join } from 'node:path';
import { plainView } from '../data/images/preprocess.ts';
import type { Preprocessing } from '../data/images/preprocessing.ts';
import { BackbonePool, type PoolOptions } from '../encoders/backbone/pool.ts';
import { DiptychError, isDiptychError } from '../errors/error.ts';
import type { FileName, ImagesInput } from './manifest.ts';

/** Pictures that are decoded together: few, so that no process has much more left than the others at the end. */
const JOB = 4;

/** A picture file, or the bytes of one. */
export type PictureSource = string | Uint8Array;

/** A vector, or why there is none. */
export type PictureVector = Float32Array | { readonly error: string };

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

export class Pictures {
  readonly #pool: BackbonePool;

  private constructor(pool: BackbonePool) {
    this.#pool = pool;
  }

  /**
   * Starts the processes.
   *
   * @throws DIPTYCH_BUNDLE_DAMAGED if the models do not fit together; DIPTYCH_BACKBONE_…
   */
  static async open({ folder, images, dimension, preprocessing, shares }: PicturesOptions): Promise<Pictures> {
    const model = join(folder, pictureModel(images));
    const options: PoolOptions =
      images.kind === 'pixels'
        ? { ...shares, dtype: 'float32' }
        : { ...shares, dtype: images.dtype, head: join(folder, 'image.onnx') };
    const pool = await BackbonePool.open({ model, preprocessing }, options).catch((cause) => {
      if (isDiptychError(cause, 'DIPTYCH_BACKBONE_SHAPE')) throw damaged(cause.fields.path, cause.message, cause);
      throw cause;
    });
    const { shape } = pool;
    if (shape.regions === 1 && shape.dimension === dimension) return new Pictures(pool);
    await pool.close();
    const found = `${shape.regions} x ${shape.dimension}`;
    throw damaged(model, `it gives ${found} numbers for a picture instead of ${dimension}`);
  }

  /** One vector for each picture, in order; those that cannot be read are told, the others are encoded all the same. */
  async encode(sources: readonly PictureSource[]): Promise<PictureVector[]> {
    const starts = Array.from({ length: Math.ceil(sources.length / JOB) }, (_, i) => i * JOB);
    const jobs = starts.map((start) => {
      const pictures = sources.slice(start, start + JOB).map((source) => ({ source, views: [plainView] }));
      return this.#pool.encode(pictures);
    });
    const encoded = (await Promise.all(jobs)).flat();
    return encoded.map((one) => ('refused' in one ? { error: one.refused } : (one.features as Float32Array)));
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

function damaged(path: string, reason: string, cause?: unknown) {
  return new DiptychError('DIPTYCH_BUNDLE_DAMAGED', { path, reason }, { cause });
}
