/** @file The concepts of CODER: frequent words of the training captions, and how often they occur together. */
import { z } from 'zod';
import { functionWords } from '../../data/tokens/function-words.ts';
import { DiptychError } from '../../errors/error.ts';

/** What a word names; only decides which words are in. */
export type WordClass = 'object' | 'property' | 'motion';

/** Concept words with their counts: plain data, kept with the model. */
export interface Concepts {
  readonly words: readonly string[];
  /** Captions that hold each word. */
  readonly counts: readonly number[];
  /** together[i][j], j < i: captions that hold both. */
  readonly together: readonly (readonly number[])[];
  /** Words of each class, which stand one class after the other; null where words were taken by frequency alone. */
  readonly classes: Readonly<Record<WordClass, number>> | null;
}

export interface VocabularyOptions {
  /** Most concepts. */
  readonly size: number;
  /** Captions that a concept needs. */
  readonly minimumCount: number;
  /** Keeps `is` and `are`, the largest hubs of CVSE's graph. */
  readonly keepBe: boolean;
  /** With it, words are taken class by class, 7 : 2 : 1; words without a class are left out. */
  readonly classOf?: ((word: string) => WordClass | undefined) | undefined;
}

const count = z.int().min(0);
/** Concepts as JSON. */
export const conceptsSchema = z.strictObject({
  words: z.array(z.string().min(1)).min(1),
  counts: z.array(count),
  together: z.array(z.array(count)),
  classes: z.strictObject({ object: count, property: count, motion: count }).nullable(),
});

const be = new Set(['is', 'are']);

/** Shares of the classes among the concepts: 210, 60 and 30 of 300. */
const shares: readonly (readonly [WordClass, number])[] = [
  ['object', 0.7],
  ['property', 0.2],
  ['motion', 0.1],
];

/** Runs of letters with hyphens and apostrophes inside. */
const word = /\p{L}+(?:[-']\p{L}+)*/gu;

/** The words of a caption that can be concepts, each once. */
function wordsIn(caption: string, keepBe: boolean): Set<string> {
  const found = caption.normalize('NFKC').toLowerCase().replaceAll('’', "'").match(word) ?? [];
  return new Set(found.filter((w) => w.length > 1 && !functionWords.has(w) && (keepBe || !be.has(w))));
}

/**
 * Counts the concepts of captions (the choice of words is reconstructed, its form is CVSE's). Equal counts stand in the order of
 * their letters, so that equal captions in any order give equal concepts. A class without enough words stays smaller.
 *
 * @param captions texts of the training splits only
 * @throws DIPTYCH_CODER_CONCEPTS if no word is left
 */
export function countConcepts(captions: readonly string[], options: VocabularyOptions): Concepts {
  const { minimumCount, keepBe } = options;
  const sets = captions.map((caption) => wordsIn(caption, keepBe));
  const counts = new Map<string, number>();
  for (const set of sets) for (const w of set) counts.set(w, (counts.get(w) ?? 0) + 1);
  const frequent = [...counts]
    .filter(([, n]) => n >= minimumCount)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([w]) => w);
  const { words, classes } = choose(frequent, options);
  if (words.length === 0) {
    throw new DiptychError('DIPTYCH_CODER_CONCEPTS', { captions: captions.length, words: counts.size, minimumCount });
  }
  return { words, counts: words.map((w) => counts.get(w)!), together: countTogether(sets, words), classes };
}

function choose(
  frequent: readonly string[],
  { size, classOf }: VocabularyOptions,
): Pick<Concepts, 'words' | 'classes'> {
  if (!classOf) return { words: frequent.slice(0, size), classes: null };
  const named = frequent.map((w) => [w, classOf(w)] as const);
  const blocks = shares.map(([name, share]) => {
    const ofClass = named.filter(([, other]) => other === name).map(([w]) => w);
    return [name, ofClass.slice(0, Math.round(share * size))] as const;
  });
  const classes = Object.fromEntries(blocks.map(([name, list]) => [name, list.length])) as Record<WordClass, number>;
  return { words: blocks.flatMap(([, list]) => list), classes };
}

function countTogether(sets: readonly ReadonlySet<string>[], words: readonly string[]): number[][] {
  const numbers = new Map(words.map((w, i) => [w, i]));
  const together = words.map((_, i) => new Array<number>(i).fill(0));
  for (const set of sets) {
    const present = [...set].map((w) => numbers.get(w)).filter((i) => i !== undefined);
    for (const i of present) for (const j of present) if (j < i) together[i][j]++;
  }
  return together;
}

/** Which concepts a text holds: 1 or 0 for each. */
export function conceptLabels({ words }: Pick<Concepts, 'words'>, text: string): Float32Array {
  const found = wordsIn(text, true);
  return Float32Array.from(words, (w) => (found.has(w) ? 1 : 0));
}
