/** @file Counts a vocabulary from captions. */
import { DiptychError } from '../../errors/error.ts';
import { specialWords, WordTokenizer } from './word-tokenizer.ts';
import { words } from './words.ts';

export interface VocabularyOptions {
  /** Words seen less often become `<unk>`. Lower learns rare words badly, higher forgets them. Default 4. */
  readonly minimumCount?: number;
  /** Longest encoded caption in tokens, marks included. Default 64: Flickr8k's longest caption has 39. */
  readonly maxLength?: number;
}

/**
 * A tokenizer whose ids are the words of the captions: `<pad>` = 0, `<start>`, `<end>`, `<unk>`, then the words by
 * falling count, equal counts by code units, so that equal captions in any order give equal ids.
 *
 * @param captions texts of the training split only
 * @throws DIPTYCH_TOKENS_EMPTY if no word reaches the minimum count
 */
export function countVocabulary(captions: Iterable<string>, options: VocabularyOptions = {}): WordTokenizer {
  const { minimumCount = 4, maxLength = 64 } = options;
  const counts = new Map<string, number>();
  let read = 0;
  for (const caption of captions) {
    read++;
    for (const word of words(caption)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const kept = [...counts].filter(([, count]) => count >= minimumCount).sort(byCountThenWord);
  if (kept.length === 0) {
    throw new DiptychError('DIPTYCH_TOKENS_EMPTY', { captions: read, words: counts.size, minimumCount });
  }
  const { pad, start, end, unknown } = specialWords;
  const list = [pad, start, end, unknown, ...kept.map(([word]) => word)];
  return new WordTokenizer({ kind: 'vocabulary', maxLength, words: list }, 'vocabulary');
}

function byCountThenWord([a, countA]: [string, number], [b, countB]: [string, number]): number {
  return countB - countA || (a < b ? -1 : 1);
}
