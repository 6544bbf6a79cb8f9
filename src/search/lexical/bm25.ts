/** @file BM25: how well captions match words. */
import { words } from '../../data/tokens/words.ts';
import type { CaptionIndex } from './inverted.ts';

export interface Bm25Options {
  /** How soon further occurrences of a word in a caption stop counting; 0: at once. Default 1.2. */
  readonly k1?: number | undefined;
  /** How much long captions are held back, from 0 to 1. Default 0.75. */
  readonly b?: number | undefined;
  /** How many images at most; all unless given. */
  readonly limit?: number | undefined;
}

/** Words to look for, and how much they count; below 0: captions that have them are held back. */
export interface WeightedText {
  readonly text: string;
  readonly weight: number;
}

/** An image and the score of its best caption. */
export interface LexicalHit {
  readonly id: string;
  readonly score: number;
}

/**
 * Images by their best caption, those that score above 0; highest first, of equal ones the lower id first.
 *
 *   score(q, c) = sum over words w of q:  idf(w) f (k1 + 1) / (f + k1 (1 - b + b |c| / mean |c|))
 *   idf(w) = ln(1 + (N - n + 0.5) / (n + 0.5))
 *
 * with f how often caption c has w, |c| its number of words, N the number of captions and n of those that have w.
 * Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), eq. 3.15; the 1 in the
 * logarithm, as in Lucene, keeps words of more than half of all captions from counting below 0. A word that a text has
 * twice counts twice.
 */
export function bm25(
  index: CaptionIndex,
  texts: readonly WeightedText[],
  { k1 = 1.2, b = 0.75, limit = Infinity }: Bm25Options = {},
): LexicalHit[] {
  const { starts, captions, counts, lengths, images, ids } = index;
  const count = lengths.length;
  const mean = lengths.reduce((sum, length) => sum + length, 0) / count;
  const scores = new Float64Array(count);
  for (const [word, weight] of weightsOf(index, texts)) {
    const n = starts[word + 1] - starts[word];
    const idf = Math.log(1 + (count - n + 0.5) / (n + 0.5));
    for (let at = starts[word]; at < starts[word + 1]; at++) {
      const f = counts[at];
      const norm = 1 - b + (b * lengths[captions[at]]) / mean;
      scores[captions[at]] += (weight * idf * f * (k1 + 1)) / (f + k1 * norm);
    }
  }
  const best = new Float64Array(ids.length);
  for (let caption = 0; caption < count; caption++) {
    if (scores[caption] > best[images[caption]]) best[images[caption]] = scores[caption];
  }
  const least = leastOf(best, limit);
  const hits: LexicalHit[] = [];
  for (let image = 0; image < best.length; image++) {
    if (best[image] >= least) hits.push({ id: ids[image], score: best[image] });
  }
  return hits.sort((x, y) => y.score - x.score || (x.id < y.id ? -1 : 1)).slice(0, limit);
}

/** The score of the last of the best `limit`; scores of 0 never count. Common words match most images, few are wanted. */
function leastOf(scores: Float64Array, limit: number): number {
  const found = scores.filter((score) => score > 0);
  if (found.length <= limit) return Number.MIN_VALUE;
  return found.sort()[found.length - limit];
}

/** The words that some caption has, by number, with their summed weights. */
function weightsOf(index: CaptionIndex, texts: readonly WeightedText[]): Map<number, number> {
  const weights = new Map<number, number>();
  for (const { text, weight } of texts) {
    for (const word of words(text)) {
      const number = index.words.get(word);
      if (number !== undefined) weights.set(number, (weights.get(number) ?? 0) + weight);
    }
  }
  return weights;
}
