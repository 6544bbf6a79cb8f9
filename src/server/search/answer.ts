/** @file Answers a search: parts to vectors, the index asked, the page cut out, scores told with their percentiles. */
import type { z } from 'zod';
import { reweighing } from '../../bundle/reweigh.ts';
import { checkFilter } from '../../index/filter-parse.ts';
import type { Index } from '../../index/index-folder.ts';
import { searchCaptions } from '../../search/lexical/search.ts';
import { type SearchResult as Found, type SearchRequest as SearchOptions, search } from '../../search/search.ts';
import type { QueryEncoder } from '../encoder.ts';
import type { ServedIndex } from '../indexes/served-index.ts';
import type { SearchResponse, searchRequestSchema } from '../schema/search.ts';
import type { Service } from '../service.ts';
import { thumbnailAddress, visibleFields, visibleMetadata, visiblePath } from '../views.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { type EncodedParts, encodeParts, partsOf, type ReadPicture, textsOf } from './parts.ts';
import type { PairKind, Percentiles, Shares } from './percentile.ts';

export type CheckedSearch = z.output<typeof searchRequestSchema>;

/**
 * @throws DIPTYCH_SERVER_CURSOR, DIPTYCH_SERVER_INDEX_UNKNOWN, DIPTYCH_SERVER_BUNDLE_UNKNOWN, DIPTYCH_CODER_BETA, and what
 *   `encodeParts`, `checkFilter`, `search` and `searchCaptions` throw
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
    const offset = readCursor(cursor, version, question);
    const { fingerprint } = open.store.manifest();
    const encoder = () => service.needEncoder(fingerprint);
    const shares = sharesWanted(service, fingerprint, request.beta);

    const parts = partsOf(request.query);
    const texts = textsOf(parts);
    const start = performance.now();
    const query = await encodeParts(parts, { encoder, read, maxPixels: service.limits.pixels, signal });
    const encoded = performance.now();
    // From here to the answer nothing waits for anything but memory: what came with one batch goes a turn each.
    await service.turns.take();
    signal.throwIfAborted();
    const { limit } = request;
    const last = offset + limit;
    const found = await find(
      service,
      open,
      query,
      { ...request, reweigh: shares?.reweigh },
      Math.min(last + 1, service.limits.depth),
    );
    const searched = performance.now();
    service.metrics.stage('search', searched - encoded);
    if (texts.length > 0 || parts.some((part) => 'image' in part)) service.metrics.stage('encode', encoded - start);

    const model = service.encoderOf(fingerprint)?.encoder;
    const pairs: PairKind = { query: texts.length > 0 ? 'text' : 'picture', item: request.kind, shares };
    const telling = { index, showPaths: service.showPaths, percentiles: service.percentilesOf(index), pairs, model };
    return {
      index: index.name,
      results: found.slice(offset, last).map((one) => resultOf(one, telling)),
      next: found.length > last ? writeCursor(version, question, last) : null,
      warnings: texts.flatMap((text) => model?.textWarning?.(text) ?? []),
      timings: { encode: round(encoded - start), search: round(searched - encoded) },
    };
  });
}

/**
 * What compares queries with a weight of the concept branch of their own.
 *
 * @throws DIPTYCH_CODER_BETA, DIPTYCH_SERVER_BUNDLE_UNKNOWN
 */
function sharesWanted(service: Service, fingerprint: string, beta: number | undefined): Shares | undefined {
  if (beta === undefined) return undefined;
  const { name, encoder } = service.needModel(fingerprint);
  return { beta, reweigh: reweighing(name, encoder, beta) };
}

async function find(
  service: Service,
  open: Index,
  { vectors, words, known }: EncodedParts,
  { kind, threshold, within, captions, reweigh, ...request }: CheckedSearch & Pick<SearchOptions, 'reweigh'>,
  top: number,
): Promise<readonly Found[]> {
  const { fields, fingerprint, dimension } = open.store.manifest();
  const filter = request.filter && checkFilter(request.filter, visibleFields(fields, service.showPaths));
  const wanted = { top, threshold, filter, within, reweigh };
  if (!captions) return search(open, undefined, { query: vectors, kind, ...wanted });
  const done = { fingerprint, dimension, ...known, encodeImages: async () => [], close: async () => {} };
  return searchCaptions(open, done, { query: words, captions: 'fuse', ...wanted });
}

interface Telling {
  readonly index: ServedIndex;
  readonly showPaths: boolean;
  readonly percentiles: Percentiles | undefined;
  readonly pairs: PairKind;
  readonly model: QueryEncoder | undefined;
}

function resultOf({ id, score, metadata }: Found, { index, showPaths, percentiles, pairs, model }: Telling) {
  return {
    id,
    score,
    percentile: percentiles?.of(score, pairs, model) ?? null,
    ...visiblePath(metadata, showPaths),
    metadata: visibleMetadata(metadata, showPaths),
    thumbnail: thumbnailAddress(index.name, id, metadata),
  };
}

/** Milliseconds with two decimals. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
