/** @file A contact sheet: what was asked, and the pictures that were found, as data that can be drawn in several ways. */

import type { Metadata } from '../../index/store.ts';
import { partsOf, type Query } from '../query.ts';
import type { SearchResult } from '../search.ts';

/** One part of the question. */
export interface SheetPart {
  readonly weight: number;
  /** The words, or the name of the picture or item. */
  readonly label: string;
  /** Path of the picture, if it is one. */
  readonly picture?: string | undefined;
}

/** A contact sheet. */
export interface Sheet {
  readonly query: readonly SheetPart[];
  readonly results: readonly SearchResult[];
  /** A line below the query: of how many items, with which filter. */
  readonly note: string;
}

/**
 * A sheet of results.
 *
 * @param pictureOf the path of an item that is part of the query, if known
 */
export function sheetOf(
  query: Query,
  results: readonly SearchResult[],
  note: string,
  pictureOf: (id: string) => string | undefined = () => undefined,
): Sheet {
  const parts = partsOf(query).map((part): SheetPart => {
    const { weight = 1 } = part;
    if ('text' in part) return { weight, label: part.text };
    if ('image' in part) return { weight, label: part.image.split(/[\\/]/).at(-1) ?? part.image, picture: part.image };
    if ('id' in part) return { weight, label: part.id, picture: pictureOf(part.id) };
    return { weight, label: `a vector of ${part.vector.length} numbers` };
  });
  return { query: parts, results, note };
}

/** The first caption of a result, for below its picture. */
export function captionOf({ captions, text }: Metadata): string {
  if (typeof text === 'string') return text;
  return Array.isArray(captions) ? (captions[0] ?? '') : '';
}
