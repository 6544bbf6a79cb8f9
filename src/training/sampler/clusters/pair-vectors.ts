/** @file What images are clustered by: their own vectors, those of their captions, or both. */

import { normaliseRows } from '../../../data/vectors.ts';

/** Vectors of a whole part of the data, of unit length. */
export interface PartVectors {
  /** [images, dimension]. */
  readonly images: Float32Array;
  /** [captions, dimension]. */
  readonly captions: Float32Array;
  readonly dimension: number;
  /** Number of the image of each caption. */
  readonly imageOfCaption: Int32Array;
}

/** `pair` looks at both sides alike. */
export type ClusteredBy = 'pair' | 'image' | 'text';

/**
 *     e_i = norm( v_i + norm( Σ_c u_ic ) )        or v_i, or norm( Σ_c u_ic )
 *
 * @returns [images, dimension], unit length; an image without captions is as its own vector
 */
export function imageVectors(vectors: PartVectors, by: ClusteredBy): Float32Array {
  const { images, captions, dimension, imageOfCaption } = vectors;
  if (by === 'image') return images;
  const texts = new Float32Array(images.length);
  imageOfCaption.forEach((image, caption) => {
    for (let k = 0; k < dimension; k++) texts[image * dimension + k] += captions[caption * dimension + k];
  });
  const captioned = normaliseRows(texts, dimension);
  const pairs = texts.map((x, at) => {
    const own = !captioned[Math.floor(at / dimension)] || by === 'pair' ? images[at] : 0;
    return x + own;
  });
  normaliseRows(pairs, dimension);
  return pairs;
}
