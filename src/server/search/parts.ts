/** @file The parts of a query as vectors: texts and pictures go through the model, each kind in one batch. */

import type { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import type { QueryPart as Part } from '../../search/query.ts';
import type { QueryEncoder } from '../encoder.ts';
import type { Picture, searchRequestSchema } from '../schema/search.ts';

/** A query as it was checked. */
type CheckedQuery = z.output<typeof searchRequestSchema>['query'];
type CheckedPart = Extract<CheckedQuery, { parts: unknown }>['parts'][number];

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

/**
 * Parts that need no model any more.
 *
 * @param encoder asked for only if a part is a text or a picture
 * @throws DIPTYCH_SEARCH_QUERY for an empty text, DIPTYCH_IMAGE_UNREADABLE, and what the encoder throws
 */
export async function encodeParts(
  parts: readonly CheckedPart[],
  encoder: () => QueryEncoder,
  read: ReadPicture,
  signal: AbortSignal,
): Promise<Part[]> {
  const texts = textsOf(parts);
  if (texts.some((text) => text.trim() === ''))
    throw new DiptychError('DIPTYCH_SEARCH_QUERY', { problem: 'an empty text' });
  const pictures = parts.flatMap((part) => ('image' in part ? [part.image] : []));
  const files = await Promise.all(pictures.map(read));
  const [textVectors, pictureVectors] = await Promise.all([
    texts.length === 0 ? [] : encoder().encodeTexts(texts, { signal }),
    files.length === 0 ? [] : encoder().encodePictures(files, { signal }),
  ]);
  let [text, picture] = [0, 0];
  return parts.map((part): Part => {
    const { weight } = part;
    if ('text' in part) return { vector: textVectors[text++], weight };
    if ('image' in part) return { vector: readable(pictureVectors[picture++]), weight };
    if ('id' in part) return { id: part.id, weight };
    return { vector: part.vector, weight };
  });
}

function readable(vector: Float32Array | { readonly error: string }): Float32Array {
  if (vector instanceof Float32Array) return vector;
  throw new DiptychError('DIPTYCH_IMAGE_UNREADABLE', { path: 'picture', reason: vector.error });
}
