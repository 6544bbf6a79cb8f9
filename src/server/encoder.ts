/** @file What the service needs of a model: texts and pictures to vectors, without running any of it in this thread. */
import type { PictureVector } from '../bundle/pictures.ts';
import type { EncodeOptions, PictureOptions } from '../serving/encoder-pool.ts';

/** An open model. Vectors of both kinds have the same dimension and are compared by their inner product. */
export interface QueryEncoder {
  readonly fingerprint: string;
  readonly dimension: number;
  /** Share of the concept branch in scores, where vectors have its half: it can be another for each question. */
  readonly share?: number | undefined;
  /** @throws DIPTYCH_SERVING_UNAVAILABLE, DIPTYCH_SERVING_BUSY */
  encodeTexts(texts: readonly string[], options?: EncodeOptions): Promise<Float32Array[]>;
  /** One vector for each picture, given as bytes or path, or what is wrong with it. @throws as `encodeTexts` */
  encodePictures(pictures: readonly (string | Uint8Array)[], options?: PictureOptions): Promise<PictureVector[]>;
  /** A sentence for people about a text that the model cannot read well. */
  textWarning?(text: string): string | undefined;
}
