/** @file Searching an index: by text, by picture, by item, by vector, or by several of them. */
import { lengthOf } from '../data/vectors.ts';
import { DiptychError } from '../errors/error.ts';
import type { Encoder } from '../index/encoder.ts';
import type { Filter } from '../index/filter.ts';
import { checkFilter } from '../index/filter-parse.ts';
import type { Index } from '../index/index-folder.ts';
import type { Hit, Metadata, SearchOptions, Store } from '../index/store.ts';
import { partsOf, type Query, queryVector } from './query.ts';
import { searchWithin } from './within.ts';

export interface SearchRequest {
  readonly query: Query;
  /** How many results at most. Default 10. */
  readonly top?: number | undefined;
  /** Only results with at least this score. */
  readonly threshold?: number | undefined;
  /** Only items that match; they are filtered before the search, so that the best of them come back. */
  readonly filter?: Filter | undefined;
  /** Only these items; ids that the index does not have are passed over. */
  readonly within?: readonly string[] | undefined;
  /** What to find. Default `image`. */
  readonly kind?: 'image' | 'caption' | undefined;
  /**
   * What is compared with the items in place of the query's unit vector, such as its halves in other shares; its inner products with
   * them are the scores.
   */
  readonly reweigh?: ((query: Float32Array) => Float32Array) | undefined;
}

export interface SearchResult {
  readonly id: string;
  /** Cosine of query and item, from -1 to 1, unless the query was re-weighed. Models differ in what is high; 0.3 may be a perfect match. */
  readonly score: number;
  /** Where the picture is; null if the index does not say. */
  readonly path: string | null;
  readonly metadata: Metadata;
}

/**
 * The best items for a query, highest score first; equal scores by id. Items that are part of the query are left out.
 *
 * @param encoder the model of the index; may be left out for queries by id or vector
 * @throws DIPTYCH_SEARCH_QUERY, DIPTYCH_SEARCH_ID, DIPTYCH_FILTER_SHAPE, DIPTYCH_FILTER_FIELD, DIPTYCH_INDEX_FINGERPRINT,
 *   DIPTYCH_INDEX_VECTOR, DIPTYCH_INDEX_OPTION
 */
export async function search(
  { store }: Pick<Index, 'store'>,
  encoder: Encoder | undefined,
  { query, top = 10, threshold, filter, within, kind = 'image', reweigh = asIs }: SearchRequest,
): Promise<SearchResult[]> {
  const scope = scopeOf(store, { filter, within, kind });
  const vector = reweigh(await queryVector(store, encoder, query));
  const own = ownIds(query);
  const hits = await hitsIn(store, vector, scope, { k: top + own.size, threshold });
  return hits
    .filter(({ id }) => !own.has(id))
    .slice(0, top)
    .map(resultOf);
}

/** Where is searched: rows of one kind, that match, of a set. */
export interface Scope {
  readonly filter: Filter | undefined;
  readonly within: readonly string[] | undefined;
}

/** @throws DIPTYCH_FILTER_SHAPE, DIPTYCH_FILTER_FIELD */
export function scopeOf(
  store: Store,
  { filter, within, kind = 'image' }: Pick<SearchRequest, 'filter' | 'within' | 'kind'>,
): Scope {
  const fields = Object.keys(store.manifest().fields);
  if (filter !== undefined) checkFilter(filter, fields);
  return { filter: filterOf(kind, filter, fields), within };
}

/** The query's own unit vector is what is compared. */
export function asIs(query: Float32Array): Float32Array {
  return query;
}

/** The best rows of a scope by their inner products with a vector of any length. Stores compare directions alone. */
export async function hitsIn(
  store: Store,
  vector: Float32Array,
  { filter, within }: Scope,
  { k, threshold }: Pick<SearchOptions, 'k' | 'threshold'>,
): Promise<Hit[]> {
  if (within !== undefined) return searchWithin(store, vector, within, { k, threshold, filter });
  const length = scaleOf(vector);
  const hits = await store.search(vector, {
    k,
    filter,
    threshold: threshold === undefined ? undefined : threshold / length,
  });
  return length === 1 ? hits : hits.map((hit) => ({ ...hit, score: hit.score * length }));
}

/** Length of a vector; 1 where rounding alone makes it another. */
function scaleOf(vector: Float32Array): number {
  const length = lengthOf(vector);
  return Math.abs(length - 1) < 1e-6 ? 1 : length;
}

/** The items that a query is made of. */
export function ownIds(query: Query): Set<string> {
  return new Set(partsOf(query).flatMap((part) => ('id' in part ? [part.id] : [])));
}

/** A row that was found, as it is told. */
export function resultOf({ id, score, metadata }: Hit): SearchResult {
  return { id, score, path: typeof metadata.path === 'string' ? metadata.path : null, metadata };
}

/** A store without captions, which is most of them, need not look at the kind of each row. */
function filterOf(
  kind: 'image' | 'caption',
  filter: Filter | undefined,
  fields: readonly string[],
): Filter | undefined {
  const ofKind: Filter = kind === 'caption' ? { kind } : { kind: { ne: 'caption' } };
  if (kind === 'image' && !fields.includes('text')) return filter;
  return filter === undefined ? ofKind : { all: [ofKind, filter] };
}

/** A caption that was found. */
export interface CaptionResult {
  readonly id: string;
  readonly score: number;
  readonly text: string;
  /** Id and path of the picture it was written for. */
  readonly image: string;
  readonly path: string | null;
}

/**
 * The captions of the index that fit a picture best.
 *
 * @param request as for `search`; the query is usually `{image: FILE}`
 * @throws DIPTYCH_SEARCH_CAPTIONS if the index was built without captions, and what `search` throws
 */
export async function captionsFor(
  index: Pick<Index, 'folder' | 'store'>,
  encoder: Encoder | undefined,
  request: Omit<SearchRequest, 'kind'>,
): Promise<CaptionResult[]> {
  if (!Object.hasOwn(index.store.manifest().fields, 'text')) {
    throw new DiptychError('DIPTYCH_SEARCH_CAPTIONS', { path: index.folder });
  }
  const results = await search(index, encoder, { ...request, kind: 'caption' });
  return results.map(({ id, score, path, metadata }) => ({
    id,
    score,
    text: String(metadata.text),
    image: String(metadata.image),
    path,
  }));
}
