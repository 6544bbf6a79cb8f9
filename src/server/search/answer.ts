/** @file Answers a search: parts to vectors, the index asked, the page cut out, scores told with their percentiles. */
import type { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import { checkFilter } from '../../index/filter-parse.ts';
import { type SearchResult as Found, search } from '../../search/search.ts';
import type { ServedIndex } from '../indexes/served-index.ts';
import type { SearchResponse, searchRequestSchema } from '../schema/search.ts';
import type { Service } from '../service.ts';
import { thumbnailAddress, visibleFields, visibleMetadata, visiblePath } from '../views.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { encodeParts, partsOf, type ReadPicture, textsOf } from './parts.ts';
import type { PairKind } from './percentile.ts';

export type CheckedSearch = z.output<typeof searchRequestSchema>;

/**
 * @throws DIPTYCH_SERVER_CURSOR, DIPTYCH_SERVER_INDEX_UNKNOWN, DIPTYCH_SERVER_BUNDLE_UNKNOWN, and what `encodeParts`,
 *   `checkFilter` and `search` throw
 */
export async function answerSearch(
  service: Service,
  request: CheckedSearch,
  read: ReadPicture,
  signal: AbortSignal,
): Promise<SearchResponse> {
  const index = service.indexNamed(request.index);
  return index.reading(async (open) => {
    const { cursor, ...question } = request;
    const { version } = index;
    const offset = cursor === undefined ? 0 : placeIn(readCursor(cursor, version, question));
    const { fingerprint, fields } = open.store.manifest();
    const filter =
      request.filter === undefined ? undefined : checkFilter(request.filter, visibleFields(fields, service.showPaths));

    const parts = partsOf(request.query);
    const start = performance.now();
    const query = await encodeParts(parts, () => service.needEncoder(fingerprint), read, signal);
    const encoded = performance.now();
    const { kind, threshold, limit } = request;
    const top = Math.min(offset + limit + 1, service.limits.depth);
    const found = await search(open, undefined, { query, top, threshold, filter, kind });
    const searched = performance.now();

    const texts = textsOf(parts);
    const pairs: PairKind = { query: texts.length > 0 ? 'text' : 'picture', item: kind };
    const encoder = service.encoderOf(fingerprint)?.encoder;
    const page = found.slice(offset, offset + limit);
    const more = found.length > offset + limit;
    return {
      index: index.name,
      results: page.map((one) => resultOf(service, index, one, pairs)),
      next: more ? writeCursor(version, question, offset + limit) : null,
      warnings: texts.flatMap((text) => encoder?.textWarning?.(text) ?? []),
      timings: { encode: round(encoded - start), search: round(searched - encoded) },
    };
  });
}

function resultOf(service: Service, index: ServedIndex, { id, score, metadata }: Found, pairs: PairKind) {
  const percentiles = service.percentilesOf(index);
  const { fingerprint } = index.index.store.manifest();
  return {
    id,
    score,
    percentile: percentiles?.of(score, pairs, service.encoderOf(fingerprint)?.encoder) ?? null,
    ...visiblePath(metadata, service.showPaths),
    metadata: visibleMetadata(metadata, service.showPaths),
    thumbnail: thumbnailAddress(index.name, id, metadata),
  };
}

function placeIn(place: number | string): number {
  if (typeof place === 'number') return place;
  throw new DiptychError('DIPTYCH_SERVER_CURSOR', { reason: 'it belongs to a list of items' });
}

/** Milliseconds with two decimals. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
