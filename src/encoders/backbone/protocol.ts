/** @file What passes between a process that runs a backbone and the one that asks. */
import type { View } from '../../data/images/preprocess.ts';
import type { FieldsOf } from '../../errors/registry.ts';
import type { BackboneFile, FeatureType } from './backbone.ts';

/** A picture to encode. */
export interface Picture {
  /** Path of a file, or the bytes of one. */
  readonly source: string | Uint8Array;
  /** Which views of it; the features come, or are written, in this order. */
  readonly views: readonly View[];
  /** Most pixels that it may have; those of `defaultLimits` unless given. */
  readonly maxPixels?: number | undefined;
  /** Where its features go in the destination of the job, in bytes. */
  readonly position?: number;
}

/** Which size of a picture is beyond its limit. */
export type TooLarge = Omit<FieldsOf<'DIPTYCH_IMAGE_TOO_LARGE'>, 'path'>;

/** Why a picture gives no features. */
export interface Refused {
  readonly refused: string;
  /** Given where that is its size. */
  readonly tooLarge?: TooLarge;
}

/** The features of a picture (unless written to a file), or why there are none. */
export type Encoded = { readonly features?: Float32Array | Uint16Array } | Refused;

/** Pictures encoded together: decoded side by side, one ahead of the other through the model. */
export interface Job {
  readonly pictures: readonly Picture[];
  /** File that the process writes the features into, so that they need not pass between processes. */
  readonly destination?: string | undefined;
}

/** The first message to a process. */
export interface Setup {
  readonly file: BackboneFile;
  readonly threads: number;
  readonly dtype: FeatureType;
  /** Path of a model that makes one vector of the features of a view, which comes in their place. */
  readonly head?: string | undefined;
}
