/** @file Relevance from a given matrix of images by captions, read row by row where it lies. */
import { createHash } from 'node:crypto';
import type { ImageRecord } from '../../../data/dataset.ts';
import { captionsOf } from '../../../data/relation.ts';
import { DiptychError } from '../../../errors/error.ts';
import { bytesOf } from '../../../files/bytes.ts';
import { type NpyFile, openNpy } from '../../../files/npy.ts';
import type { Relevance, Subject } from './relevance.ts';

/**
 * Relevance as given. Nothing is added to it: where an image's own captions are not its most relevant ones, that is taught too.
 *
 * @param path npy [images, captions] of the data set, or of the images in question, in order
 * @throws DIPTYCH_RELEVANCE_SHAPE, DIPTYCH_RELEVANCE_NOT_FINITE, and what `openNpy` throws
 */
export async function matrixRelevance(path: string, subject: Subject): Promise<Relevance> {
  const file = await openNpy(path);
  try {
    const { rows, columns } = placesIn(file, subject);
    const fingerprint = await check(file, rows, columns);
    return {
      fingerprint,
      block: async (images, captions, out) => {
        const row = new Float32Array(file.rowLength);
        for (const [i, image] of images.entries()) {
          await file.readRows(rows[image], 1, row);
          for (let j = 0; j < captions.length; j++) out[i * captions.length + j] = row[columns[captions[j]]];
        }
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Row of each image and column of each caption. */
function placesIn({ path, shape }: NpyFile, { images, all }: Subject): { rows: Int32Array; columns: Int32Array } {
  for (const whole of [images, all]) {
    const size = [whole.length, captionsOf(whole).length];
    if (shape.length !== 2 || shape[0] !== size[0] || shape[1] !== size[1]) continue;
    return {
      rows: positions(images, whole, (list) => list.map(({ id }) => id)),
      columns: positions(images, whole, (list) => captionsOf(list).map(({ id }) => id)),
    };
  }
  const [used, total] = [images, all].map((list) => `[${list.length}, ${captionsOf(list).length}]`);
  const expected = used === total ? used : `${used} (images and captions used) or ${total} (all)`;
  throw new DiptychError('DIPTYCH_RELEVANCE_SHAPE', { path, expected, found: `[${shape.join(', ')}]` });
}

function positions(
  part: readonly ImageRecord[],
  whole: readonly ImageRecord[],
  idsOf: (images: readonly ImageRecord[]) => string[],
): Int32Array {
  const places = new Map(idsOf(whole).map((id, place) => [id, place]));
  return Int32Array.from(idsOf(part), (id) => places.get(id)!);
}

/** Reads all rows once: for their fingerprint, and for numbers that cannot be ordered. */
async function check(file: NpyFile, rows: Int32Array, columns: Int32Array): Promise<string> {
  const hash = createHash('sha256').update(bytesOf(columns));
  const row = new Float32Array(file.rowLength);
  for (const at of rows) {
    await file.readRows(at, 1, row);
    const faulty = columns.find((column) => !Number.isFinite(row[column]));
    if (faulty !== undefined) {
      const place = `row ${at}, column ${faulty}`;
      throw new DiptychError('DIPTYCH_RELEVANCE_NOT_FINITE', { path: file.path, place, value: row[faulty] });
    }
    hash.update(bytesOf(row));
  }
  return hash.digest('hex');
}
