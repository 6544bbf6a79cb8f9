/** @file Vectors of captions kept on disk, so that a data set is counted once. */
import { join } from 'node:path';
import type { ImageRecord } from '../../../data/dataset.ts';
import { fingerprintOf } from '../../../data/fingerprint.ts';
import { isDiptychError } from '../../../errors/error.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../../files/safetensors.ts';
import type { Progress } from '../../../system/progress.ts';
import { type Terms, termVectors } from './terms.ts';
import type { SparseVectors } from './vectors.ts';

/** Changes whenever the same captions would give other vectors. */
const VERSION = '1';

/**
 * `termVectors`, read from the cache where it holds them, else counted and kept there. A cache that cannot be read
 * or written costs time and a note, nothing else.
 *
 * @param folder of the cache; undefined keeps nothing
 * @throws DIPTYCH_RELEVANCE_CAPTIONS
 */
export async function cachedTermVectors(
  images: readonly ImageRecord[],
  terms: Terms,
  folder: string | undefined,
  progress: Progress,
): Promise<SparseVectors> {
  if (folder === undefined) return termVectors(images, terms, progress);
  const identity = { version: VERSION, terms, captions: fingerprintOf(images) };
  const path = join(folder, `relevance-${terms}-${identity.captions.slice(0, 16)}.safetensors`);
  const known = await readVectors(path, identity, progress);
  if (known) return known;
  const vectors = await termVectors(images, terms, progress);
  try {
    await writeSafetensors(path, tensorsOf(vectors), identity);
  } catch (error) {
    if (!isDiptychError(error, 'DIPTYCH_FILE_UNWRITABLE')) throw error;
    progress.note(`relevance is not cached: ${error.message}`);
  }
  return vectors;
}

function tensorsOf({ offsets, terms, weights, size }: SparseVectors): Map<string, StoredTensor> {
  const row = <A extends { length: number }>(data: A) => ({ shape: [data.length], data });
  return new Map<string, StoredTensor>([
    ['offsets', { dtype: 'I32', ...row(offsets as Int32Array<ArrayBuffer>) }],
    ['terms', { dtype: 'I32', ...row(terms as Int32Array<ArrayBuffer>) }],
    ['weights', { dtype: 'F32', ...row(weights as Float32Array<ArrayBuffer>) }],
    ['size', { dtype: 'I32', ...row(Int32Array.of(size)) }],
  ]);
}

/** What the file holds, if it is whole and about the same captions. */
async function readVectors(
  path: string,
  identity: Readonly<Record<string, string>>,
  progress: Progress,
): Promise<SparseVectors | undefined> {
  const file = await readSafetensors(path).catch((error) => {
    if (!isDiptychError(error)) throw error;
    if (error.code !== 'DIPTYCH_FILE_MISSING') progress.note(`relevance is counted again: ${error.message}`);
    return undefined;
  });
  if (!file || Object.entries(identity).some(([key, value]) => file.metadata[key] !== value)) return undefined;
  const [offsets, terms, weights, size] = ['offsets', 'terms', 'weights', 'size'].map(
    (name) => file.tensors.get(name)?.data,
  );
  if (!(offsets instanceof Int32Array && terms instanceof Int32Array && size instanceof Int32Array)) return undefined;
  if (!(weights instanceof Float32Array)) return undefined;
  return { offsets, terms, weights, size: size[0] };
}
