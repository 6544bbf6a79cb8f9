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

/** A set to search in: the best results of another search of the same index. */
export interface Among {
  readonly search: SearchState;
  /** How many, from 1 to `MOST_AMONG`. */
  readonly best: number;
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
  /** Undefined: all pictures of the index. */
  readonly within: Among | undefined;
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
  within: undefined,
  open: undefined,
};

/** Parts that the server takes at most. */
const MOST_PARTS = 16;

/** Largest set to search in, and results that the server sends at once. */
export const MOST_AMONG = 1000;
const MOST_RESULTS = 200;

/** Whether nothing is asked for: filters alone are a way to look around. */
export function isIdle({ words, parts, within }: SearchState): boolean {
  return within === undefined && parseWords(words).length === 0 && parts.length === 0;
}

/** The search whose words and parts are asked for: a set without any of its own shows itself. */
export function asking(state: SearchState): SearchState {
  const { within } = state;
  return within !== undefined && isIdle({ ...state, within: undefined }) ? asking(within.search) : state;
}

/** The parts of a search, and of the sets that it is within. */
export function allParts({ parts, within }: SearchState): PicturePart[] {
  return [...parts, ...(within === undefined ? [] : allParts(within.search))];
}

/** Whether so many results are a set worth searching in: several, and not all of the set that they come from. */
export function canNarrow({ within }: SearchState, results: number): boolean {
  return results > 1 && results < (within?.best ?? Number.POSITIVE_INFINITY);
}

/** A search among so many of the results of this one, at first without words of its own. */
export function narrowed(state: SearchState, results: number): SearchState {
  const within = { search: { ...state, index: undefined, open: undefined }, best: Math.min(results, MOST_AMONG) };
  return { ...nothing, index: state.index, captions: state.captions, within };
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
    within: readWithin(params.get('within') ?? ''),
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

/** `60*q=red`: how many, and the parameters of the other search. */
function readWithin(value: string): Among | undefined {
  const [, best, query] = /^(\d{1,6})\*(.*)$/s.exec(value) ?? [];
  if (query === undefined) return undefined;
  const search = { ...readState(new URLSearchParams(query)), index: undefined, open: undefined };
  return isIdle(search) ? undefined : { search, best: Math.max(1, Math.min(Number(best), MOST_AMONG)) };
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
  if (state.within) params.set('within', `${state.within.best}*${printState(state.within.search)}`);
  if (state.open !== undefined) params.set('open', state.open);
  return params;
}

/** The path of a search on these pages. */
export function addressOf(state: SearchState): string {
  const query = printState(state).toString();
  return query === '' ? '/' : `/?${query}`;
}

/** A request, and the set that it is to be kept to. */
export interface Asked {
  readonly request: SearchRequest;
  readonly within?: AskedSet;
}

/** The best results of another request. */
export interface AskedSet extends Asked {
  readonly best: number;
}

/**
 * What a search asks of the server. Pictures of the reader's own are file parts of the request, named by their keys.
 *
 * @param pictures keys of the pictures at hand; parts whose picture is not there are left out
 * @returns undefined where nothing is asked for
 */
export function askedOf(state: SearchState, pictures: { has(key: string): boolean }, limit: number): Asked | undefined {
  const request = requestOf(state, pictures, limit);
  if (request === undefined || state.within === undefined) return request && { request };
  const { best, search } = state.within;
  const set = askedOf({ ...search, index: state.index }, pictures, Math.min(best, MOST_RESULTS));
  return set && { request, within: { ...set, best } };
}

function requestOf(state: SearchState, pictures: { has(key: string): boolean }, limit: number) {
  const asked = asking(state);
  const words: QueryPart[] = parseWords(asked.words);
  const others = asked.parts.flatMap(({ kind, id, weight }): QueryPart[] => {
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
    ...(asked.captions && { captions: true }),
    limit,
  };
}

/** Keys of the reader's own pictures that a request sends. */
export function uploadsOf({ query }: SearchRequest): string[] {
  const parts = 'parts' in query ? query.parts : [query];
  return parts.flatMap((part) => ('image' in part && 'upload' in part.image ? [part.image.upload] : []));
}
