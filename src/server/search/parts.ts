/** @file The parts of a query as vectors: texts and pictures go through the model, each kind in one batch. */
import type { z } from 'zod';
import type { PictureVector } from '../../bundle/pictures.ts';
import { DiptychError } from '../../errors/error.ts';
import type { Encoder } from '../../index/encoder.ts';
import type { QueryPart as Part } from '../../search/query.ts';
import type { QueryEncoder } from '../encoder.ts';
import type { Picture, searchRequestSchema } from '../schema/search.ts';

/** A query as it was checked. */
type CheckedQuery = z.output<typeof searchRequestSchema>['query'];
export type CheckedPart = Extract<CheckedQuery, { parts: unknown }>['parts'][number];

/** Gives the bytes of a picture that a request names. @throws DIPTYCH_IMAGE_UNREADABLE, DIPTYCH_SERVER_FORM, DIPTYCH_SERVER_URL */
export type ReadPicture = (picture: Picture) => Promise<Uint8Array>;

/** A query as a list of parts with weights. */
export function partsOf(query: CheckedQuery): readonly CheckedPart[] {
  return 'parts' in query ? query.parts : [{ ...query, weight: 1 } as CheckedPart];
}

/** The texts among the parts. */
export function textsOf(parts: readonly CheckedPart[]): string[] {
  return parts.flatMap((part) => ('text' in part ? [part.text] : []));
}

/** How parts are encoded. */
export interface Encoding {
  /** Asked for only if a part is a text or a picture. */
  readonly encoder: () => QueryEncoder;
  readonly read: ReadPicture;
  readonly maxPixels: number;
  readonly signal: AbortSignal;
}

/** Parts whose vectors are known. */
export interface EncodedParts {
  /** Every part as a vector or an id. */
  readonly vectors: readonly Part[];
  /** The same with texts as texts, for searching their words, and what knows their vectors. */
  readonly words: readonly Part[];
  readonly known: Pick<Encoder, 'encodeTexts'>;
}

/** @throws DIPTYCH_SEARCH_QUERY for an empty text, DIPTYCH_IMAGE_…, and what the encoder throws */
export async function encodeParts(parts: readonly CheckedPart[], encoding: Encoding): Promise<EncodedParts> {
  const { encoder, read, maxPixels, signal } = encoding;
  const texts = textsOf(parts);
  if (texts.some((text) => text.trim() === ''))
    throw new DiptychError('DIPTYCH_SEARCH_QUERY', { problem: 'an empty text' });
  const files = await Promise.all(parts.flatMap((part) => ('image' in part ? [read(part.image)] : [])));
  const [textVectors, pictureVectors] = await Promise.all([
    texts.length === 0 ? [] : encoder().encodeTexts(texts, { signal }),
    files.length === 0 ? [] : encoder().encodePictures(files, { signal, maxPixels }),
  ]);
  let [text, picture] = [0, 0];
  const vectors = parts.map((part): Part => {
    const { weight } = part;
    if ('text' in part) return { vector: textVectors[text++], weight };
    if ('image' in part) return { vector: vectorOf(pictureVectors[picture++]), weight };
    if ('id' in part) return { id: part.id, weight };
    return { vector: part.vector, weight };
  });
  const words = parts.map((part, i): Part => ('text' in part ? { text: part.text, weight: part.weight } : vectors[i]));
  return { vectors, words, known: { encodeTexts: async () => textVectors } };
}

/** The vector of a picture that was sent. @throws DIPTYCH_IMAGE_TOO_LARGE, DIPTYCH_IMAGE_UNREADABLE */
export function vectorOf(result: PictureVector): Float32Array {
  if (result instanceof Float32Array) return result;
  const { error: reason, tooLarge } = result;
  if (tooLarge !== undefined) throw new DiptychError('DIPTYCH_IMAGE_TOO_LARGE', { path: 'picture', ...tooLarge });
  throw new DiptychError('DIPTYCH_IMAGE_UNREADABLE', { path: 'picture', reason });
}
