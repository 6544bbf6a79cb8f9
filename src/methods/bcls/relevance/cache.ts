/** @file Vectors of captions kept on disk, so that a data set is counted or encoded once. */
import { join } from 'node:path';
import type { ImageRecord } from '../../../data/dataset.ts';
import { fingerprintOf } from '../../../data/fingerprint.ts';
import { captionsOf } from '../../../data/relation.ts';
import type { SentenceEncoder } from '../../../encoders/pretrained/sentences.ts';
import { isDiptychError } from '../../../errors/error.ts';
import { fromFloat16, toFloat16 } from '../../../files/float16.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../../files/safetensors.ts';
import type { Progress } from '../../../system/progress.ts';
import { type Terms, termVectors } from './terms.ts';
import type { SparseVectors } from './vectors.ts';

/** Changes whenever the same captions would give other vectors. */
const VERSION = '1';

type Tensors = ReadonlyMap<string, StoredTensor>;

/**
 * `termVectors`, kept in a folder.
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
  const tensors = await cached(folder, terms, fingerprintOf(images), progress, async () => {
    const { offsets, terms: entries, weights, size } = await termVectors(images, terms, progress);
    const row = <A extends { length: number }>(data: A) => ({ shape: [data.length], data });
    return new Map<string, StoredTensor>([
      ['offsets', { dtype: 'I32', ...row(offsets as Int32Array<ArrayBuffer>) }],
      ['terms', { dtype: 'I32', ...row(entries as Int32Array<ArrayBuffer>) }],
      ['weights', { dtype: 'F32', ...row(weights as Float32Array<ArrayBuffer>) }],
      ['size', { dtype: 'I32', ...row(Int32Array.of(size)) }],
    ]);
  });
  const [offsets, entries, size] = ['offsets', 'terms', 'size'].map((name) => tensors.get(name)!.data as Int32Array);
  return { offsets, terms: entries, weights: tensors.get('weights')!.data as Float32Array, size: size[0] };
}

/**
 * Sentence vectors of all captions [captions, dimension], kept in a folder in half precision; they are rounded to it where they
 * are not kept too, so that a cache changes no number.
 */
export async function cachedSentenceVectors(
  images: readonly ImageRecord[],
  encoder: SentenceEncoder,
  folder: string | undefined,
  progress: Progress,
): Promise<Float32Array> {
  const tensors = await cached(folder, 'sentences', encoder.fingerprint + fingerprintOf(images), progress, async () => {
    const texts = captionsOf(images).map(({ text }) => text);
    const data = toFloat16(await encoder.encode(texts, { progress })) as Uint16Array<ArrayBuffer>;
    return new Map<string, StoredTensor>([
      ['vectors', { dtype: 'F16', shape: [texts.length, encoder.dimension], data }],
    ]);
  });
  return fromFloat16(tensors.get('vectors')!.data as Uint16Array);
}

/**
 * Tensors of a file of the cache, or made and kept there. A cache that cannot be read or written costs time and a note, nothing
 * else.
 *
 * @param identity what the tensors follow from
 */
async function cached(
  folder: string | undefined,
  kind: string,
  identity: string,
  progress: Progress,
  make: () => Promise<Tensors>,
): Promise<Tensors> {
  if (folder === undefined) return make();
  const metadata = { version: VERSION, kind, identity };
  const path = join(folder, `relevance-${kind}-${shortOf(identity)}.safetensors`);
  const known = await read(path, metadata, progress);
  if (known) return known;
  const tensors = await make();
  try {
    await writeSafetensors(path, tensors, metadata);
  } catch (error) {
    if (!isDiptychError(error, 'DIPTYCH_FILE_UNWRITABLE')) throw error;
    progress.note(`relevance is not cached: ${error.message}`);
  }
  return tensors;
}

/** A name for fingerprints one behind the other; the whole of them is in the metadata. */
function shortOf(identity: string): string {
  return identity
    .match(/.{1,64}/g)!
    .map((fingerprint) => fingerprint.slice(0, 12))
    .join('-');
}

/** What the file holds, if it is whole and follows from the same. */
async function read(
  path: string,
  metadata: Readonly<Record<string, string>>,
  progress: Progress,
): Promise<Tensors | undefined> {
  const file = await readSafetensors(path).catch((error) => {
    if (!isDiptychError(error)) throw error;
    if (error.code !== 'DIPTYCH_FILE_MISSING') progress.note(`relevance is made again: ${error.message}`);
    return undefined;
  });
  return file && Object.entries(metadata).every(([key, value]) => file.metadata[key] === value)
    ? file.tensors
    : undefined;
}
