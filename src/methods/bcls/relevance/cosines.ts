/** @file Relevance as cosines of dense vectors, one for each caption. */
import { createHash } from 'node:crypto';
import type { ImageRecord } from '../../../data/dataset.ts';
import { normaliseRows } from '../../../data/vectors.ts';
import { plainProduct } from '../../../evaluation/product.ts';
import { relationOf } from '../../../evaluation/relation.ts';
import { bytesOf } from '../../../files/bytes.ts';
import type { Aggregate, Relevance } from './relevance.ts';
import { gather, markMatches } from './vectors.ts';

/**
 *     c_ij = max (or mean) over captions p of image i of cos( g(a_ip), g(t_j) )          1 where j is a caption of image i
 *
 * @param vectors g of each caption [captions, width], finite; changed to length 1, zeros stay zeros
 */
export function cosineRelevance(
  vectors: Float32Array,
  width: number,
  images: readonly ImageRecord[],
  aggregate: Aggregate,
): Relevance {
  const { captionsOf, imageOf } = relationOf(images);
  normaliseRows(vectors, width);
  return {
    fingerprint: createHash('sha256').update(aggregate).update(bytesOf(vectors)).digest('hex'),
    block: (rows, columns, out) => {
      const references = Array.from(rows, (image) => [...captionsOf[image]]).flat();
      const products = new Float32Array(references.length * columns.length);
      const shape = { rows: references.length, columns: columns.length, depth: width };
      plainProduct(take(vectors, references, width), take(vectors, columns, width), shape, products);
      let reference = 0;
      rows.forEach((image, i) => {
        const row = out.subarray(i * columns.length, (i + 1) * columns.length);
        const count = captionsOf[image].length;
        for (let place = 0; place < count; place++, reference++) {
          const similar = products.subarray(reference * columns.length, (reference + 1) * columns.length);
          gather(similar, row, { place, count }, aggregate);
        }
        markMatches(row, image, columns, imageOf);
      });
    },
  };
}

/** Rows of a table [rows, width], one behind the other. */
export function take(data: Float32Array, rows: ArrayLike<number>, width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) out.set(data.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  return out;
}
