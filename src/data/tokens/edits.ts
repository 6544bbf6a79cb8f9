/** @file Captions in which words change places or are left out: another view of the same text (EDA, Wei and Zou 2019; DeCLIP). */
import { Random } from '../../random/random.ts';
import type { WordCorrupter } from './augment.ts';
import type { TokenizedText } from './tokenizer.ts';

export interface WordEdits {
  /** Chance of a caption to be edited at all; then by swapping or by deleting, each half of the time. */
  readonly probability: number;
  /** Chance of each word to be deleted; as many pairs of words change places, at least one. */
  readonly share: number;
}

/**
 * An editor of captions: a function of (seed, step, position) and the caption alone. Words keep their pieces together, marks stay
 * where they are, and a caption keeps a word.
 */
export function wordEditor({ probability, share }: WordEdits, seed: number): WordCorrupter {
  return (caption, step, position) => {
    const random = new Random(seed, 'edits', step, position);
    if (random.uniform() >= probability) return caption.ids;
    const { before, words, after } = partsOf(caption);
    const edited = random.uniform() < 0.5 ? swapped(words, share, random) : thinned(words, share, random);
    return Int32Array.from([...before, ...edited.flat(), ...after]);
  };
}

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

function swapped(words: number[][], share: number, random: Random): number[][] {
  if (words.length < 2) return words;
  for (let i = 0; i < Math.max(1, Math.round(share * words.length)); i++) {
    const one = random.integer(words.length);
    const other = (one + 1 + random.integer(words.length - 1)) % words.length;
    [words[one], words[other]] = [words[other], words[one]];
  }
  return words;
}

function thinned(words: number[][], share: number, random: Random): number[][] {
  const kept = words.filter(() => random.uniform() >= share);
  return kept.length > 0 || words.length === 0 ? kept : [words[random.integer(words.length)]];
}
