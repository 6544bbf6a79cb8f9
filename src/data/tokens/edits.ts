/** @file Captions in which words are changed, added, moved or left out: another view of the same text (EDA, Wei and Zou 2019; DeCLIP). */
import { Random } from '../../random/random.ts';
import type { WordCorrupter } from './augment.ts';
import type { Synonyms } from './synonyms.ts';
import type { TokenizedText } from './tokenizer.ts';

/** EDA's four: words change places, are left out, give way to a synonym, or a synonym of one is added anywhere. */
export type WordEdit = 'swap' | 'delete' | 'synonym' | 'insert';

export interface WordEdits {
  /** Chance of a caption to be edited at all. */
  readonly probability: number;
  /** Chance of each word to be deleted; of the other edits as many as this share of the words, at least one. */
  readonly share: number;
  /** One of them is drawn for each caption. */
  readonly kinds: readonly WordEdit[];
  /** What `synonym` and `insert` read; without, and where a caption has none, they change nothing. */
  readonly synonyms?: Synonyms | undefined;
  /** Most ids of an edited caption, marks included: what would make it longer is not done. */
  readonly longest?: number;
}

/**
 * An editor of captions: a function of (seed, step, position) and the caption alone. Words keep their pieces together, marks stay
 * where they are, and a caption keeps a word.
 */
export function wordEditor(
  { probability, share, kinds, synonyms = () => [], longest = Number.POSITIVE_INFINITY }: WordEdits,
  seed: number,
): WordCorrupter {
  return (caption, step, position) => {
    const random = new Random(seed, 'edits', step, position);
    if (random.uniform() >= probability) return caption.ids;
    const { before, words, after } = partsOf(caption);
    const kind = kinds[Math.floor(random.uniform() * kinds.length)];
    const room = longest - caption.ids.length;
    const edited = editors[kind](words, { share, random, synonyms, room });
    return Int32Array.from([...before, ...edited.flat(), ...after]);
  };
}

/** A word as ids. */
type Word = readonly number[];

interface How {
  readonly share: number;
  readonly random: Random;
  readonly synonyms: Synonyms;
  /** Ids that may be added. */
  readonly room: number;
}

const editors: Readonly<Record<WordEdit, (words: Word[], how: How) => Word[]>> = {
  swap: swapped,
  delete: thinned,
  synonym: replaced,
  insert: extended,
};

/** Ids of the marks before and after the text, and of each word between them. */
function partsOf({ ids, words }: TokenizedText) {
  const parts = { before: [] as number[], words: [] as number[][], after: [] as number[] };
  ids.forEach((id, at) => {
    if (words[at] < 0) (parts.words.length === 0 ? parts.before : parts.after).push(id);
    else if (at > 0 && words[at] === words[at - 1]) parts.words[parts.words.length - 1].push(id);
    else parts.words.push([id]);
  });
  return parts;
}

function editsOf(words: readonly Word[], share: number): number {
  return Math.max(1, Math.round(share * words.length));
}

function swapped(words: Word[], { share, random }: How): Word[] {
  if (words.length < 2) return words;
  for (let i = 0; i < editsOf(words, share); i++) {
    const one = random.integer(words.length);
    const other = (one + 1 + random.integer(words.length - 1)) % words.length;
    [words[one], words[other]] = [words[other], words[one]];
  }
  return words;
}

function thinned(words: Word[], { share, random }: How): Word[] {
  const kept = words.filter(() => random.uniform() >= share);
  return kept.length > 0 || words.length === 0 ? kept : [words[random.integer(words.length)]];
}

/** Different words, each of which has synonyms, give way to one of them. */
function replaced(words: Word[], { share, random, synonyms, room }: How): Word[] {
  const able = random.shuffle(words.flatMap((word, at) => (synonyms(word).length > 0 ? [at] : [])));
  const after = [...words];
  let left = room;
  for (const at of able.slice(0, editsOf(words, share))) {
    const other = oneOf(synonyms(words[at]), random);
    if (other.length - words[at].length > left) continue;
    left -= other.length - words[at].length;
    after[at] = other;
  }
  return after;
}

/** Synonyms of words of the caption as it was, each at any place. */
function extended(words: Word[], { share, random, synonyms, room }: How): Word[] {
  const able = words.filter((word) => synonyms(word).length > 0);
  const after = [...words];
  let left = room;
  for (let i = 0; i < editsOf(words, share) && able.length > 0; i++) {
    const other = oneOf(synonyms(oneOf(able, random)), random);
    const place = random.integer(after.length + 1);
    if (other.length > left) continue;
    left -= other.length;
    after.splice(place, 0, other);
  }
  return after;
}

function oneOf<T>(list: readonly T[], random: Random): T {
  return list[random.integer(list.length)];
}
