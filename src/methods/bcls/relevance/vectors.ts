/** @file Similarity of captions as inner products of sparse vectors: a batch at a time, through an inverted index. */
import type { Aggregate } from './relevance.ts';

/** Vectors with few numbers that are not zero, one behind the other. */
export interface SparseVectors {
  /** int32 [count + 1]: vector i has the entries offsets[i] to offsets[i + 1]. */
  readonly offsets: Int32Array;
  /** int32 [entries], ascending within a vector, below `size`. */
  readonly terms: Int32Array;
  /** [entries]. */
  readonly weights: Float32Array;
  /** Length of the vectors. */
  readonly size: number;
}

/**
 * Relevance of captions to images from the similarity between captions:
 *
 *     c_ij = max (or mean) over captions p of image i of x_p · x_j          1 where j is a caption of image i itself
 *
 * Only terms that two captions share cost anything.
 *
 * @param captionsOf captions of each image
 * @param imageOf image of each caption
 * @returns the `block` of a `Relevance`
 */
export function sparseRelevance(
  vectors: SparseVectors,
  captionsOf: readonly Int32Array[],
  imageOf: Int32Array,
  aggregate: Aggregate,
): (images: Int32Array, captions: Int32Array, out: Float32Array) => void {
  const { offsets, terms, weights, size } = vectors;
  // First posting of each term, or -1; filled and emptied again by each call.
  const heads = new Int32Array(size).fill(-1);
  return (images, captions, out) => {
    const postings = post(vectors, captions, heads);
    const { next, columns, values } = postings;
    const similar = new Float64Array(captions.length);
    images.forEach((image, row) => {
      const into = out.subarray(row * captions.length, (row + 1) * captions.length);
      captionsOf[image].forEach((caption, place, { length: count }) => {
        similar.fill(0);
        for (let entry = offsets[caption]; entry < offsets[caption + 1]; entry++) {
          const weight = weights[entry];
          for (let at = heads[terms[entry]]; at >= 0; at = next[at]) similar[columns[at]] += weight * values[at];
        }
        gather(similar, into, { place, count }, aggregate);
      });
      markMatches(into, image, captions, imageOf);
    });
    for (const caption of captions) {
      for (let entry = offsets[caption]; entry < offsets[caption + 1]; entry++) heads[terms[entry]] = -1;
    }
  };
}

/** Takes the similarities to the caption at a place among an image's captions into its row of degrees. */
function gather(
  similar: ArrayLike<number>,
  row: Float32Array,
  { place, count }: { place: number; count: number },
  aggregate: Aggregate,
): void {
  for (let j = 0; j < row.length; j++) {
    if (aggregate === 'mean') row[j] = (place === 0 ? 0 : row[j]) + similar[j] / count;
    else if (place === 0 || similar[j] > row[j]) row[j] = similar[j];
  }
}

/** An image's own captions are as relevant as can be, whatever their words. */
export function markMatches(row: Float32Array, image: number, captions: Int32Array, imageOf: Int32Array): void {
  for (let j = 0; j < captions.length; j++) if (imageOf[captions[j]] === image) row[j] = 1;
}

/** The columns and values of each term, as lists that begin at `heads`. */
function post({ offsets, terms, weights }: SparseVectors, captions: Int32Array, heads: Int32Array) {
  const count = captions.reduce((sum, caption) => sum + offsets[caption + 1] - offsets[caption], 0);
  const next = new Int32Array(count);
  const columns = new Int32Array(count);
  const values = new Float32Array(count);
  let at = 0;
  captions.forEach((caption, column) => {
    for (let entry = offsets[caption]; entry < offsets[caption + 1]; entry++, at++) {
      next[at] = heads[terms[entry]];
      heads[terms[entry]] = at;
      columns[at] = column;
      values[at] = weights[entry];
    }
  });
  return { next, columns, values };
}
