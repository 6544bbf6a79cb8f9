/** @file Where scores come from: blocks of the image x caption matrix, which is never held whole. */
import { DiptychError } from '../errors/error.ts';
import { dot, plainProduct, type ScoreProduct } from './product.ts';

/** A matrix of scores, higher = closer, read in blocks. */
export interface ScoreSource {
  readonly images: number;
  readonly captions: number;
  /** How many models the scores come from: 1, or more for an ensemble. */
  readonly members: number;
  /**
   * Fills `out` [imageRows, captionRows], row-major.
   *
   * @param imageRows which images, as rows of the source
   * @param captionRows which captions, as rows of the source
   */
  block(imageRows: Int32Array, captionRows: Int32Array, out: Float32Array): void | Promise<void>;
  /** One score in full precision, for correlations: float32 scores would make ties that are not there. */
  pair(image: number, caption: number): number;
}

/** Embeddings of a split, row-major. */
export interface Embeddings {
  /** [images, dimension] */
  readonly images: Float32Array;
  /** [captions, dimension] */
  readonly captions: Float32Array;
  readonly dimension: number;
}

/**
 * Inner products of embeddings (cosines, if they are L2-normalised).
 *
 * @param product multiplies the blocks; in plain TypeScript unless another is given
 * @throws DIPTYCH_EVALUATION_SHAPE if an array does not hold whole rows
 */
export function embeddingScores(embeddings: Embeddings, product: ScoreProduct = plainProduct): ScoreSource {
  const { images, captions, dimension } = embeddings;
  return {
    images: rowsOf('image embeddings', images, dimension),
    captions: rowsOf('caption embeddings', captions, dimension),
    members: 1,
    block: (imageRows, captionRows, out) =>
      product(
        gather(images, imageRows, dimension),
        gather(captions, captionRows, dimension),
        { rows: imageRows.length, columns: captionRows.length, depth: dimension },
        out,
      ),
    pair: (image, caption) => dot(images, image, captions, caption, dimension),
  };
}

/**
 * Scores that are already there, for small sets and for scores that are not inner products.
 *
 * @param scores [images, captions], row-major
 * @throws DIPTYCH_EVALUATION_SHAPE if the array does not hold whole rows
 */
export function matrixScores(scores: Float32Array | Float64Array, captions: number): ScoreSource {
  return {
    images: rowsOf('score matrix', scores, captions),
    captions,
    members: 1,
    block(imageRows, captionRows, out) {
      let o = 0;
      for (const image of imageRows) {
        for (const caption of captionRows) out[o++] = scores[image * captions + caption];
      }
    },
    pair: (image, caption) => scores[image * captions + caption],
  };
}

function rowsOf(what: string, values: Float32Array | Float64Array, width: number): number {
  const rows = values.length / width;
  if (Number.isInteger(rows)) return rows;
  throw new DiptychError('DIPTYCH_EVALUATION_SHAPE', {
    what,
    expected: `rows of ${width} numbers`,
    found: `${values.length} numbers`,
  });
}

/** The named rows as one dense matrix; a view, not a copy, where they are neighbours already. */
function gather(matrix: Float32Array, rows: Int32Array, width: number): Float32Array {
  const first = rows[0];
  if (rows.every((row, position) => row === first + position)) {
    return matrix.subarray(first * width, (first + rows.length) * width);
  }
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, position) => {
    out.set(matrix.subarray(row * width, (row + 1) * width), position * width);
  });
  return out;
}
