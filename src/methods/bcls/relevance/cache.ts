/** @file Vectors of captions kept on disk, so that a data set is counted or encoded once. */
import type { ImageRecord } from '../../../data/dataset.ts';
import { fingerprintOf } from '../../../data/fingerprint.ts';
import { captionsOf } from '../../../data/relation.ts';
import type { SentenceEncoder } from '../../../encoders/pretrained/sentence-encoder.ts';
import { fromFloat16, toFloat16 } from '../../../files/float16.ts';
import { type Kept, kept } from '../../../files/kept.ts';
import type { StoredTensor } from '../../../files/safetensors.ts';
import type { Progress } from '../../../system/progress.ts';
import { type Terms, termVectors } from './terms.ts';
import type { SparseVectors } from './vectors.ts';

/** Changes whenever the same captions would give other vectors. */
const VERSION = '1';

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
  const tensors = await kept(folder, cacheOf(terms, fingerprintOf(images), progress), async () => {
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
  const cache = cacheOf('sentences', encoder.fingerprint + fingerprintOf(images), progress);
  const tensors = await kept(folder, cache, async () => {
    const texts = captionsOf(images).map(({ text }) => text);
    const data = toFloat16(await encoder.encode(texts, { progress })) as Uint16Array<ArrayBuffer>;
    return new Map<string, StoredTensor>([
      ['vectors', { dtype: 'F16', shape: [texts.length, encoder.dimension], data }],
    ]);
  });
  return fromFloat16(tensors.get('vectors')!.data as Uint16Array);
}

function cacheOf(kind: string, identity: string, progress: Progress): Kept {
  return {
    kind: `relevance-${kind}`,
    identity: `${VERSION} ${identity}`,
    note: (line) => progress.note(`relevance is ${line}`),
  };
}
