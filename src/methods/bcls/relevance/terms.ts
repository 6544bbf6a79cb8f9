/** @file Captions as sparse vectors of their words: TF-IDF, and CIDEr's n-grams of up to four words. */
import { setImmediate } from 'node:timers/promises';
import type { ImageRecord } from '../../../data/dataset.ts';
import { words } from '../../../data/tokens/words.ts';
import { DiptychError } from '../../../errors/error.ts';
import type { Progress } from '../../../system/progress.ts';
import type { SparseVectors } from './vectors.ts';

/** Which vectors. */
export type Terms = 'cider' | 'tfidf';

/**
 * How rare terms weigh, from the images N and those whose captions hold a term, df; and how long the longest term is.
 *
 *     cider  ln(N / df)                    n-grams of 1 to 4 words
 *     tfidf  ln((1 + N) / (1 + df)) + 1    words
 */
const kinds: Readonly<Record<Terms, { readonly longest: number; idf(images: number, df: number): number }>> = {
  cider: { longest: 4, idf: (images, df) => Math.log(images / df) },
  tfidf: { longest: 1, idf: (images, df) => Math.log((1 + images) / (1 + df)) + 1 },
};

/** Images counted between two reports. */
const stride = 1000;

/**
 * One vector for each caption, whose inner product is the similarity of two captions:
 *
 *     g_n(t) = ( tf_k(t) · idf_k )_k over the n-grams k,      x_t · x_u = 1/longest Σ_n cos( g_n(t), g_n(u) )
 *
 * which for n-grams of 1 to 4 words is CIDEr against one reference (Vedantam et al. 2015, eq. 2 and 3) without its factor of 10
 * and without stemming. Terms that one image alone uses count in the lengths of the vectors but are not stored: they are in no
 * product between captions of different images.
 *
 * @param images their captions, in order, are what the vectors belong to
 * @throws DIPTYCH_RELEVANCE_CAPTIONS if no term is left
 */
export async function termVectors(
  images: readonly ImageRecord[],
  terms: Terms,
  progress: Progress,
): Promise<SparseVectors> {
  const { longest, idf } = kinds[terms];
  const counted = new TermCounts(longest);
  for (const [number, image] of images.entries()) {
    for (const { text } of image.captions) counted.add(words(text), number);
    if ((number + 1) % stride !== 0 && number + 1 < images.length) continue;
    progress.update({ done: number + 1, total: images.length, unit: 'images' });
    // Lets signals and progress through.
    await setImmediate();
  }
  const vectors = weigh(counted, (df) => idf(images.length, df));
  if (vectors.terms.length > 0) return vectors;
  const captions = vectors.offsets.length - 1;
  throw new DiptychError('DIPTYCH_RELEVANCE_CAPTIONS', { labels: terms, images: images.length, captions });
}

/** The terms of captions as numbers, and how many images use each. */
class TermCounts {
  readonly longest: number;
  /** Terms of each caption, those of one word first, then of two …: an n-gram is listed as often as it occurs. */
  readonly captions: (readonly number[])[][] = [];
  /** Images that use a term. */
  readonly frequency: number[] = [];
  readonly #words = new Map<string, number>();
  /** An n-gram by the n-gram it continues and the word it adds, as one number. */
  readonly #longer = new Map<number, number>();
  /** The last image that used a term. */
  readonly #seen: number[] = [];

  constructor(longest: number) {
    this.longest = longest;
  }

  add(caption: readonly string[], image: number): void {
    const single = caption.map((word) => this.#number(this.#words, word));
    const grams = [single];
    for (let n = 2; n <= this.longest; n++) {
      const shorter = grams[n - 2];
      // 2^26 words and terms: beyond any language, and both in the 53 bits of a number.
      const grown = Array.from({ length: Math.max(0, shorter.length - 1) }, (_, i) =>
        this.#number(this.#longer, shorter[i] * 2 ** 26 + single[i + n - 1]),
      );
      grams.push(grown);
    }
    for (const gram of grams) for (const term of gram) this.#count(term, image);
    this.captions.push(grams);
  }

  /** The number of a term, new ones after all others. */
  #number<K>(known: Map<K, number>, key: K): number {
    let number = known.get(key);
    if (number === undefined) {
      number = this.frequency.length;
      known.set(key, number);
      this.frequency.push(0);
      this.#seen.push(-1);
    }
    return number;
  }

  #count(term: number, image: number): void {
    if (this.#seen[term] === image) return;
    this.#seen[term] = image;
    this.frequency[term]++;
  }
}

/** Vectors of unit length for each length of n-gram, scaled so that their products add up to the mean. */
function weigh({ captions, frequency, longest }: TermCounts, idf: (df: number) => number): SparseVectors {
  const rarity = frequency.map(idf);
  const numbers = new Int32Array(frequency.length).fill(-1);
  let size = 0;
  frequency.forEach((df, term) => {
    if (df > 1 && rarity[term] > 0) numbers[term] = size++;
  });
  const offsets = new Int32Array(captions.length + 1);
  const [terms, weights]: number[][] = [[], []];
  captions.forEach((grams, caption) => {
    const entries = grams.flatMap((gram) => {
      const tf = new Map<number, number>();
      for (const term of gram) tf.set(term, (tf.get(term) ?? 0) + 1);
      const length = Math.sqrt([...tf].reduce((sum, [term, count]) => sum + (count * rarity[term]) ** 2, 0));
      const kept = [...tf].filter(([term]) => numbers[term] >= 0);
      return kept.map(([term, count]) => [numbers[term], (count * rarity[term]) / (length * Math.sqrt(longest))]);
    });
    for (const [term, weight] of entries.sort(([a], [b]) => a - b)) {
      terms.push(term);
      weights.push(weight);
    }
    offsets[caption + 1] = terms.length;
  });
  return { offsets, terms: Int32Array.from(terms), weights: Float32Array.from(weights), size };
}
