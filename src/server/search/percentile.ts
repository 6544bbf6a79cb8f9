/**
 * @file How unusual a score is: the share of random pairs of a query and an item of the index that score lower. Scores of texts and
 * of pictures lie in different ranges (the modality gap), so each kind of query has random pairs of its own.
 */
import { LRUCache } from 'lru-cache';
import { cosine } from '../../search/within.ts';
import type { QueryEncoder } from '../encoder.ts';
import type { Counted } from '../indexes/overview.ts';

/** Queries whose halves count in other shares than those they were made with. */
export interface Shares {
  /** The share of the second half. */
  readonly beta: number;
  /** What is compared in place of a query. */
  reweigh(query: Float32Array): Float32Array;
}

/** What is compared: whether the query is a text, what is searched for, and the shares of halves, where those are not the usual. */
export interface PairKind {
  readonly query: 'text' | 'picture';
  readonly item: 'image' | 'caption';
  readonly shares?: Shares | undefined;
}

/** Queries that are drawn; each is compared with every sampled item. */
const QUERIES = 64;

/** Kinds of pairs whose scores are kept; each beta makes kinds of its own. */
const KINDS = 16;

/** Texts to compare with where an index has no captions of its own. */
const plainTexts = [
  'a dog',
  'a man and a woman',
  'a red car',
  'children playing',
  'a house by the sea',
  'food on a table',
  'two people talking',
  'a street at night',
  'a bird in the sky',
  'a mountain with snow',
  'a cat on a chair',
  'a bicycle',
  'a crowd of people',
  'a green field',
  'a white building',
  'a boat on the water',
  'a blue circle',
  'a black and white picture',
  'a tree',
  'a train',
  'a horse',
  'a flower',
  'a small room',
  'a woman with a hat',
  'a yellow star',
  'a man on a bench',
  'the sun',
  'a bridge',
  'a page with text',
  'a window',
  'a ball',
  'something large above something small',
] as const;

/** Scores of random pairs, sorted, of one state of an index. */
export class Percentiles {
  readonly #counted: Counted;
  readonly #made = new LRUCache<string, Float32Array | Promise<void>>({ max: KINDS });

  constructor(counted: Counted) {
    this.#counted = counted;
  }

  /**
   * The percentile of a score, 0 to 100; null until the pairs have been scored, which this begins.
   *
   * @param encoder for pairs with texts
   */
  of(score: number, kind: PairKind, encoder: QueryEncoder | undefined): number | null {
    const scores = this.#made.get(keyOf(kind));
    if (scores === undefined) void this.make(kind, encoder);
    if (!(scores instanceof Float32Array) || scores.length === 0) return null;
    return Math.round((1000 * below(scores, score)) / scores.length) / 10;
  }

  /** Scores random pairs; does nothing if that is done or under way. Without an encoder there are no pairs with texts. */
  async make(kind: PairKind, encoder: QueryEncoder | undefined): Promise<void> {
    const key = keyOf(kind);
    const known = this.#made.get(key);
    if (known !== undefined) return known instanceof Float32Array ? undefined : known;
    const making = this.#score(kind, encoder).then(
      (scores) => void this.#made.set(key, scores),
      // Whoever asks next tries again.
      () => void this.#made.delete(key),
    );
    this.#made.set(key, making);
    return making;
  }

  async #score({ query, item, shares }: PairKind, encoder: QueryEncoder | undefined): Promise<Float32Array> {
    const items = this.#counted.samples[item];
    const queries = query === 'text' ? await this.#texts(encoder) : firstOf(this.#counted.samples.image);
    const scores: number[] = [];
    for (const { id, vector } of queries) {
      const asked = shares === undefined ? vector : shares.reweigh(vector);
      items.vectors.forEach((other, i) => {
        if (items.ids[i] !== id) scores.push(cosine(asked, other));
      });
      await new Promise(setImmediate);
    }
    return Float32Array.from(scores).sort();
  }

  /** Vectors of texts as people write them: captions of the index, or plain ones. */
  async #texts(encoder: QueryEncoder | undefined): Promise<{ id: string; vector: Float32Array }[]> {
    const { image, caption } = this.#counted.samples;
    if (caption.ids.length >= QUERIES) return firstOf(caption);
    if (encoder === undefined) throw new Error('texts need a model');
    const own = image.metadata.flatMap(({ captions }) => (Array.isArray(captions) ? captions.slice(0, 1) : []));
    const texts = [...new Set(own)].slice(0, QUERIES);
    const vectors = await encoder.encodeTexts(texts.length >= plainTexts.length ? texts : plainTexts);
    return vectors.map((vector) => ({ id: '', vector }));
  }
}

function keyOf({ query, item, shares }: PairKind): string {
  return `${query} ${item} ${shares?.beta ?? ''}`;
}

function firstOf({ ids, vectors }: { ids: readonly string[]; vectors: readonly Float32Array[] }) {
  return ids.slice(0, QUERIES).map((id, i) => ({ id, vector: vectors[i] }));
}

/** How many of sorted numbers lie below one. */
function below(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
