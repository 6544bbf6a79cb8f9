/** @file All of a search as data that fits into an address, and the request that it stands for. */
import type { QueryPart, SearchRequest } from '../../../src/server/schema/search.ts';
import { type FieldFilters, isOpen, parseFilter, printFilter, serverFilter } from './filters.ts';
import { clampWeight, parseWords } from './words.ts';

/** A part that is no words: an item of the index, or a picture of the reader's own, kept in the browser under a key. */
export interface PicturePart {
  readonly kind: 'item' | 'picture';
  /** Id of the item, or key of the picture. */
  readonly id: string;
  /** Below 0: less like this. */
  readonly weight: number;
}

export interface SearchState {
  /** Undefined: the first index that there is. */
  readonly index: string | undefined;
  /** What is written in the box, as it is. */
  readonly words: string;
  readonly parts: readonly PicturePart[];
  readonly filters: FieldFilters;
  /** Only results with at least this score. */
  readonly threshold: number | undefined;
  /** Rank by the words of captions too. */
  readonly captions: boolean;
  /** The item that is looked at, open above the results. */
  readonly open: string | undefined;
}

export const nothing: SearchState = {
  index: undefined,
  words: '',
  parts: [],
  filters: {},
  threshold: undefined,
  captions: false,
  open: undefined,
};

/** Parts that the server takes at most. */
const MOST_PARTS = 16;

/** Whether nothing is asked for: filters alone are a way to look around. */
export function isIdle({ words, parts }: SearchState): boolean {
  return parseWords(words).length === 0 && parts.length === 0;
}

/** The search that an address stands for. What makes no sense in it is passed over. */
export function readState(params: URLSearchParams): SearchState {
  const filters = [...new Set(params.keys())].flatMap((key) => {
    if (!key.startsWith('f.') || key.length === 2) return [];
    const filter = parseFilter(params.getAll(key));
    return filter === undefined ? [] : [[key.slice(2), filter] as const];
  });
  const least = params.get('least');
  const threshold = least === null || least.trim() === '' ? Number.NaN : Number(least);
  return {
    index: params.get('index') ?? undefined,
    words: params.get('q') ?? '',
    parts: [...params].flatMap(([key, value]) => readPart(key, value)),
    filters: Object.fromEntries(filters),
    threshold: Number.isFinite(threshold) && Math.abs(threshold) <= 1 ? threshold : undefined,
    captions: params.has('captions'),
    open: params.get('open') ?? undefined,
  };
}

/** `like=ID` and `picture=KEY`; before them `0.5*` or `-1*` where the weight is not 1. */
function readPart(key: string, value: string): PicturePart[] {
  if (key !== 'like' && key !== 'picture') return [];
  const [, sign, size, id] = /^(?:(-?)(\d+(?:\.\d+)?)\*)?(.+)$/s.exec(value) ?? [];
  if (id === undefined) return [];
  const weight = size === undefined ? 1 : clampWeight(Number(size)) * (sign === '-' ? -1 : 1);
  return [{ kind: key === 'like' ? 'item' : 'picture', id, weight }];
}

/** The parameters of a search; `readState` reads them back. */
export function printState(state: SearchState): URLSearchParams {
  const params = new URLSearchParams();
  if (state.index !== undefined) params.set('index', state.index);
  if (state.words !== '') params.set('q', state.words);
  for (const { kind, id, weight } of state.parts) {
    // An id that itself begins like a weight is printed with one.
    const plain = weight === 1 && !/^-?\d+(\.\d+)?\*/.test(id);
    params.append(kind === 'item' ? 'like' : 'picture', plain ? id : `${weight}*${id}`);
  }
  for (const [name, filter] of Object.entries(state.filters)) {
    if (!isOpen(filter)) for (const printed of printFilter(filter)) params.append(`f.${name}`, printed);
  }
  if (state.threshold !== undefined) params.set('least', String(state.threshold));
  if (state.captions) params.set('captions', '');
  if (state.open !== undefined) params.set('open', state.open);
  return params;
}

/** The path of a search on these pages. */
export function addressOf(state: SearchState): string {
  const query = printState(state).toString();
  return query === '' ? '/' : `/?${query}`;
}

/**
 * The request of a search. Pictures of the reader's own are file parts of the request, named by their keys.
 *
 * @param pictures keys of the pictures at hand; parts whose picture is not there are left out
 * @returns undefined where nothing is asked for
 */
export function requestOf(
  state: SearchState,
  pictures: { has(key: string): boolean },
  limit: number,
): SearchRequest | undefined {
  const words: QueryPart[] = parseWords(state.words);
  const others = state.parts.flatMap(({ kind, id, weight }): QueryPart[] => {
    if (kind === 'item') return [{ id, weight }];
    return pictures.has(id) ? [{ image: { upload: id }, weight }] : [];
  });
  const parts = [...words, ...others].slice(0, MOST_PARTS);
  if (parts.length === 0) return undefined;
  const filter = serverFilter(state.filters);
  return {
    ...(state.index !== undefined && { index: state.index }),
    query: { parts },
    ...(filter && { filter: filter as NonNullable<SearchRequest['filter']> }),
    ...(state.threshold !== undefined && { threshold: state.threshold }),
    ...(state.captions && { captions: true }),
    limit,
  };
}

/** Keys of the reader's own pictures that a request sends. */
export function uploadsOf({ query }: SearchRequest): string[] {
  const parts = 'parts' in query ? query.parts : [query];
  return parts.flatMap((part) => ('image' in part && 'upload' in part.image ? [part.image.upload] : []));
}
