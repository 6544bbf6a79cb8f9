/** @file Searching by what captions say, alone or together with vectors. */
import { DiptychError } from '../../errors/error.ts';
import type { Encoder } from '../../index/encoder.ts';
import { matches } from '../../index/filter.ts';
import type { Index } from '../../index/index-folder.ts';
import type { Row, Store } from '../../index/store.ts';
import { partsOf, type Query, queryVector } from '../query.ts';
import {
  asIs,
  hitsIn,
  ownIds,
  resultOf,
  type Scope,
  type SearchRequest,
  type SearchResult,
  scopeOf,
} from '../search.ts';
import { cosine } from '../within.ts';
import { bm25, type LexicalHit, type WeightedText } from './bm25.ts';
import { captionIndexOf } from './cache.ts';
import { reciprocalRankFusion } from './fusion.ts';

/** Length of the rankings that are fused; what stands behind in one of them counts as absent from it. */
const DEPTH = 200;
/** Rows that are read at once where a ranking is held against a filter. */
const BATCH = 256;

/** A picture found by its captions. */
export interface CaptionedResult extends SearchResult {
  /** Cosine of query and picture where vectors took part, else BM25 of the best caption. */
  readonly score: number;
  /** BM25 of the picture's best caption; null if it is not among the first 200. */
  readonly captionScore: number | null;
  /** Ranks by vector and by captions, from 1; null where it is not among the first 200, or not asked for. */
  readonly ranks: { readonly vector: number | null; readonly captions: number | null };
}

type CaptionRequest = Omit<SearchRequest, 'kind'> & {
  /** `fuse`: by vectors and captions together, by reciprocal ranks; `only`: by captions alone, which needs no model. */
  readonly captions: 'fuse' | 'only';
};

/**
 * The best pictures for a query with words, by their captions too. Each picture counts by its best caption. All texts of
 * the query are looked for in captions, by their weights; its other parts count through their vectors. `threshold` is
 * one on the cosine, so it holds for the ranking by vectors.
 *
 * @throws DIPTYCH_SEARCH_CAPTIONS if no picture has captions, DIPTYCH_SEARCH_QUERY if the query has no text, and what
 *   `search` throws
 */
export async function searchCaptions(
  index: Pick<Index, 'folder' | 'version' | 'store'>,
  encoder: Encoder | undefined,
  { query, top = 10, threshold, filter, within, captions, reweigh = asIs }: CaptionRequest,
): Promise<CaptionedResult[]> {
  const { store } = index;
  const texts = textsOf(query);
  const scope = scopeOf(store, { filter, within });
  const words = await captionIndexOf(index);
  if (words.ids.length === 0) throw new DiptychError('DIPTYCH_SEARCH_CAPTIONS', { path: index.folder });
  const own = ownIds(query);
  const ranking = (limit: number): LexicalHit[] => bm25(words, texts, { limit });
  const searched = { ...scope, without: own };
  if (captions === 'only') {
    const found = await firstInScope(store, ranking, searched, top);
    return found.map(({ row, score }, i) => ({
      ...resultOf({ ...row, score }),
      captionScore: score,
      ranks: { vector: null, captions: i + 1 },
    }));
  }
  const depth = Math.max(DEPTH, top);
  const vector = reweigh(await queryVector(store, encoder, query));
  const hits = await hitsIn(store, vector, scope, { k: depth + own.size, threshold });
  const byVector = hits.filter(({ id }) => !own.has(id)).slice(0, depth);
  const byCaptions = await firstInScope(store, ranking, searched, depth);
  const scores = new Map(byCaptions.map(({ row, score }) => [row.id, score]));
  const known = new Map(byVector.map((hit) => [hit.id, hit]));
  for (const { row } of byCaptions)
    if (!known.has(row.id)) known.set(row.id, { ...row, score: cosine(vector, row.vector) });
  const lists = [byVector.map(({ id }) => id), byCaptions.map(({ row }) => row.id)];
  return reciprocalRankFusion(lists)
    .slice(0, top)
    .map(({ id, ranks: [byVectors = null, byWords = null] }) => ({
      ...resultOf(known.get(id)!),
      captionScore: scores.get(id) ?? null,
      ranks: { vector: byVectors, captions: byWords },
    }));
}

/** @throws DIPTYCH_SEARCH_QUERY */
function textsOf(query: Query): WeightedText[] {
  const texts = partsOf(query).flatMap((part) =>
    'text' in part ? [{ text: part.text, weight: part.weight ?? 1 }] : [],
  );
  if (texts.length === 0)
    throw new DiptychError('DIPTYCH_SEARCH_QUERY', { problem: 'captions are searched for words, and it has no text' });
  return texts;
}

/**
 * The first of a ranking that are in a scope, with their rows. The ranking is asked for further, and rows are read, only
 * as far as needed.
 *
 * @param ranking its first items, as many as asked for
 */
async function firstInScope(
  store: Store,
  ranking: (limit: number) => readonly LexicalHit[],
  { filter, within, without }: Scope & { readonly without: ReadonlySet<string> },
  count: number,
): Promise<{ row: Row; score: number }[]> {
  const set = within === undefined ? undefined : new Set(within);
  const found: { row: Row; score: number }[] = [];
  let done = 0;
  for (let limit = count + without.size; found.length < count; limit *= 8) {
    const hits = ranking(limit);
    const possible = hits.slice(done).filter(({ id }) => !without.has(id) && (set === undefined || set.has(id)));
    for (let from = 0; from < possible.length && found.length < count; from += BATCH) {
      const batch = possible.slice(from, from + BATCH);
      const rows = await store.get(batch.map(({ id }) => id));
      rows.forEach((row, i) => {
        if (row !== undefined && (filter === undefined || matches(filter, row.metadata)))
          found.push({ row, score: batch[i].score });
      });
    }
    if (hits.length < limit) break;
    done = hits.length;
  }
  return found.slice(0, count);
}
