/** @file Synonyms of the words of captions, as ids of their tokenizer. */
import type { WordNet } from '../wordnet/wordnet.ts';
import { auxiliaries, functionWords } from './function-words.ts';
import { type Tokenizer, wordIds } from './tokenizer.ts';

/** What may stand in the place of a word, given and returned as the ids of its pieces. */
export type Synonyms = (word: readonly number[]) => readonly (readonly number[])[];

/**
 * Synonyms that a tokenizer can spell. Function words and auxiliaries have none, although WordNet knows ångströms for `a` and
 * astatine for `at`; nor have words that the tokenizer does not know. Each word is looked up once.
 */
export function synonymsFrom(wordNet: WordNet, tokenizer: Tokenizer): Synonyms {
  const known = new Map<string, readonly (readonly number[])[]>();
  const { unknownId } = tokenizer;
  const unknown = (ids: readonly number[]) => unknownId !== undefined && ids.includes(unknownId);
  function lookUp(word: readonly number[]): readonly (readonly number[])[] {
    if (unknown(word)) return [];
    const text = tokenizer.decode(word);
    if (functionWords.has(text) || auxiliaries.has(text)) return [];
    return wordNet
      .synonyms(text)
      .map((other) => wordIds(tokenizer, other))
      .filter((ids) => ids.length > 0 && !unknown(ids) && ids.join() !== word.join());
  }
  return (word) => {
    const key = word.join();
    const found = known.get(key) ?? lookUp(word);
    known.set(key, found);
    return found;
  };
}
