/** @file Relevance as cosines of dense vectors: of the captions, or of the pictures that they belong to. */
import { createHash } from 'node:crypto';
import type { ImageRecord } from '../../../data/dataset.ts';
import { normaliseRows } from '../../../data/vectors.ts';
import { relationOf } from '../../../evaluation/relation.ts';
import { bytesOf } from '../../../files/bytes.ts';
import { compileFunction } from '../../../graph/compile.ts';
import { gather } from '../../../graph/ops/indexing.ts';
import { matmul } from '../../../graph/ops/product.ts';
import { max } from '../../../graph/ops/reduce.ts';
import { reshape } from '../../../graph/ops/shape.ts';
import { Runtime } from '../../../graph/runtime/runtime.ts';
import type { Aggregate, Relevance } from './relevance.ts';
import { markMatches } from './vectors.ts';

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
): Promise<Relevance> {
  const { captionsOf, imageOf } = relationOf(images);
  normaliseRows(vectors, width);
  const fingerprint = createHash('sha256').update(aggregate).update(bytesOf(vectors)).digest('hex');
  const own = Int32Array.from(imageOf, (_, caption) => caption);
  if (aggregate === 'max') {
    return productRelevance({ vectors, width, references: captionsOf, columns: own, imageOf }, fingerprint);
  }
  // The mean of inner products is the inner product with the mean.
  const means = meanRows(vectors, width, captionsOf);
  const table = new Float32Array(vectors.length + means.length);
  table.set(vectors);
  table.set(means, vectors.length);
  const references = captionsOf.map((_, image) => Int32Array.of(imageOf.length + image));
  return productRelevance({ vectors: table, width, references, columns: own, imageOf }, fingerprint);
}

/**
 * Of frozen vectors of the pictures in place of those of captions (label=image of ITM_CLS); symmetric between images:
 *
 *     c_ij = cos( h(image i), h(image of caption j) )
 *
 * @param vectors h of each image [images, width], finite; changed to length 1, zeros stay zeros
 */
export function imageCosineRelevance(
  vectors: Float32Array,
  width: number,
  images: readonly ImageRecord[],
): Promise<Relevance> {
  const { imageOf } = relationOf(images);
  normaliseRows(vectors, width);
  const fingerprint = createHash('sha256').update('images').update(bytesOf(vectors)).digest('hex');
  const references = images.map((_, image) => Int32Array.of(image));
  return productRelevance({ vectors, width, references, columns: imageOf, imageOf }, fingerprint);
}

interface Table {
  /** [rows, width]. */
  readonly vectors: Float32Array;
  readonly width: number;
  /** Rows of each image; the degree is the largest inner product with any of them. */
  readonly references: readonly Int32Array[];
  /** Row of each caption. */
  readonly columns: Int32Array;
  /** Image of each caption. */
  readonly imageOf: Int32Array;
}

const programName = 'relevance';

/**
 * Products of a batch by ONNX Runtime, in a thread of its own that keeps the vectors: ten times as fast as in TypeScript. One
 * thread always, so that a resumed run reads the same numbers on any machine.
 */
async function productRelevance(
  { vectors, width, references, columns, imageOf }: Table,
  fingerprint: string,
): Promise<Relevance> {
  // Images with fewer rows than the most repeat their first one, which is no larger than itself.
  const most = Math.max(1, ...references.map(({ length }) => length));
  const runtime = await Runtime.start({ device: 'cpu', threads: 1, spinning: false });
  try {
    const rows = vectors.length / width;
    await runtime.load(programOf(rows, width, most));
    await runtime.setState(new Map([['vectors', { dtype: 'float32', shape: [rows, width], data: vectors }]]));
  } catch (error) {
    await runtime.close();
    throw error;
  }
  return {
    fingerprint,
    block: async (images, captions, out) => {
      const rows = new Int32Array(images.length * most);
      images.forEach((image, i) => {
        const list = references[image];
        for (let place = 0; place < most; place++) rows[i * most + place] = list[place < list.length ? place : 0];
      });
      const outputs = await runtime.run(
        programName,
        new Map([
          ['rows', { dtype: 'int32', shape: [images.length, most], data: rows }],
          ['columns', { dtype: 'int32', shape: [captions.length], data: captions.map((caption) => columns[caption]) }],
        ]),
      );
      out.set(outputs.get('degrees')!.data as Float32Array);
      images.forEach((image, i) => {
        markMatches(out.subarray(i * captions.length, (i + 1) * captions.length), image, captions, imageOf);
      });
    },
    close: () => runtime.close(),
  };
}

/** degrees [images, captions] = max over the rows of an image of their inner products with the row of a caption. */
function programOf(rows: number, width: number, most: number) {
  const signature = {
    state: { vectors: { shape: [rows, width], dtype: 'float32' } },
    batch: {
      rows: { shape: ['images', most], dtype: 'int32' },
      columns: { shape: ['captions'], dtype: 'int32' },
    },
  } as const;
  return compileFunction(programName, signature, ({ vectors }, { rows: chosen, columns }) => {
    const products = matmul(reshape(gather(vectors, chosen), [-1, width]), gather(vectors, columns), {
      transposeB: true,
    });
    return { degrees: max(reshape(products, ['images', most, 'captions']), 1) };
  });
}

/** Mean of some rows of a table, for each list of them: [lists, width]. */
function meanRows(data: Float32Array, width: number, lists: readonly Int32Array[]): Float32Array {
  const out = new Float32Array(lists.length * width);
  lists.forEach((rows, list) => {
    for (let k = 0; k < width; k++) {
      let sum = 0;
      for (const row of rows) sum += data[row * width + k];
      out[list * width + k] = sum / rows.length;
    }
  });
  return out;
}

/** Rows of a table [rows, width], one behind the other. */
export function take(data: Float32Array, rows: ArrayLike<number>, width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) out.set(data.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  return out;
}
