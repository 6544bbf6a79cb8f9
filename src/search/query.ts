/** @file Queries as data, and the vector that a query stands for. */

import { z } from 'zod';
import { lengthOf } from '../data/vectors.ts';
import { DiptychError } from '../errors/error.ts';
import type { Encoder } from '../index/encoder.ts';
import { unitVector } from '../index/rows.ts';
import type { Store } from '../index/store.ts';

const weight = z
  .number()
  .optional()
  .meta({ description: 'how much it counts, 1 unless given; below 0: less like this' });

/** One part of a query. */
export const queryPartSchema = z.union([
  z.strictObject({ text: z.string().meta({ description: 'words to look for' }), weight }),
  z.strictObject({ image: z.string().meta({ description: 'path of a picture file' }), weight }),
  z.strictObject({ id: z.string().meta({ description: 'id of an item of the index' }), weight }),
  z.strictObject({
    vector: z.array(z.number()).meta({ description: 'a vector of the dimension of the index' }),
    weight,
  }),
]);

type Weighted = { readonly weight?: number | undefined };
/** A text, a picture file, an item of the index, or a vector; with its weight, 1 unless given. */
export type QueryPart =
  | ({ readonly text: string } & Weighted)
  | ({ readonly image: string } & Weighted)
  | ({ readonly id: string } & Weighted)
  | ({ readonly vector: Float32Array | readonly number[] } & Weighted);
export type Query = QueryPart | readonly QueryPart[];

/** The parts of a query. @throws DIPTYCH_SEARCH_QUERY if there is none or a weight cannot be used */
export function partsOf(query: Query): readonly QueryPart[] {
  const parts = 'length' in query ? query : [query];
  if (parts.length === 0) throw refuse('it has no part');
  const off = parts.find(({ weight = 1 }) => !Number.isFinite(weight) || weight === 0);
  if (off !== undefined) throw refuse(`a weight of ${off.weight}; weights are numbers other than 0`);
  return parts;
}

function refuse(problem: string, cause?: unknown): DiptychError {
  return new DiptychError('DIPTYCH_SEARCH_QUERY', { problem }, { cause });
}

/**
 * The vector of a query: v = sum_i w_i v_i / ||v_i||, scaled to unit length.
 *
 * @param encoder may be left out where no part is a text or a picture
 * @throws DIPTYCH_SEARCH_QUERY (an unreadable picture, parts that cancel out), DIPTYCH_SEARCH_ID, DIPTYCH_INDEX_VECTOR,
 *   DIPTYCH_INDEX_FINGERPRINT if the encoder is of another model than the store
 */
export async function queryVector(store: Store, encoder: Encoder | undefined, query: Query): Promise<Float32Array> {
  const parts = partsOf(query);
  const { dimension, fingerprint } = store.manifest();
  if (encoder !== undefined && encoder.fingerprint !== fingerprint) {
    const fields = { path: 'the index', index: fingerprint, encoder: encoder.fingerprint };
    throw new DiptychError('DIPTYCH_INDEX_FINGERPRINT', fields);
  }
  const vectors = await vectorsOf(store, encoder, parts);
  const sum = new Float64Array(dimension);
  parts.forEach(({ weight = 1 }, p) => {
    const unit = unitVector('query', vectors[p], dimension);
    for (let i = 0; i < dimension; i++) sum[i] += weight * unit[i];
  });
  const total = parts.reduce((all, { weight = 1 }) => all + Math.abs(weight), 0);
  const length = lengthOf(sum);
  // What is left of parts that cancel out is rounding: its direction means nothing.
  if (length < 1e-6 * total) throw refuse('its parts cancel out');
  return Float32Array.from(sum, (x) => x / length);
}

/** The vectors of parts, texts and pictures each encoded in one batch. */
async function vectorsOf(
  store: Store,
  encoder: Encoder | undefined,
  parts: readonly QueryPart[],
): Promise<Float32Array[]> {
  const texts = parts.flatMap((part) => ('text' in part ? [part.text] : []));
  const images = parts.flatMap((part) => ('image' in part ? [part.image] : []));
  const ids = parts.flatMap((part) => ('id' in part ? [part.id] : []));
  if (encoder === undefined && texts.length + images.length > 0) throw refuse('texts and pictures need a model');
  if (texts.some((text) => text.trim() === '')) throw refuse('an empty text');
  const textVectors = texts.length === 0 ? [] : await encoder!.encodeTexts(texts);
  const imageVectors = images.length === 0 ? [] : await encoder!.encodeImages(images);
  const rows = ids.length === 0 ? [] : await store.get(ids);
  return parts.map((part) => {
    if ('vector' in part) return Float32Array.from(part.vector);
    if ('text' in part) return textVectors.shift()!;
    if ('id' in part) return rows.shift()?.vector ?? unknown(part.id);
    const vector = imageVectors.shift()!;
    if (vector instanceof Float32Array) return vector;
    throw refuse(vector.error);
  });
}

function unknown(id: string): never {
  throw new DiptychError('DIPTYCH_SEARCH_ID', { id });
}
