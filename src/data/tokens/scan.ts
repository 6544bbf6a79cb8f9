/** @file Reads the vocabulary JSON of SCAN and its descendants: {word2idx, idx2word, idx}. */
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import { isObject } from '../../files/object.ts';
import { WordTokenizer } from './word-tokenizer.ts';

/** Keys of objects are read as written: a word may be `__proto__`, so no record schema builds a new object. */
export const scanSchema = z.object({
  word2idx: z.custom<Record<string, unknown>>(isObject, 'not an object'),
  idx2word: z.custom<Record<string, unknown>>(isObject, 'not an object'),
  idx: z.int().nonnegative().optional(),
});

/**
 * @param json the parsed file
 * @param source what to name in errors
 * @param maxLength longest encoded caption in tokens, marks included; SCAN itself never cuts
 * @throws DIPTYCH_TOKENS_DAMAGED if the two tables contradict each other or numbers are missing
 */
export function scanVocabulary(json: z.infer<typeof scanSchema>, source: string, maxLength = 64): WordTokenizer {
  const damaged = (reason: string) => new DiptychError('DIPTYCH_TOKENS_DAMAGED', { source, reason });
  const entries = Object.entries(json.word2idx);
  if (json.idx !== undefined && json.idx !== entries.length) {
    throw damaged(`idx says ${json.idx} words, word2idx has ${entries.length}`);
  }
  const words: string[] = new Array(entries.length);
  for (const [word, id] of entries) {
    if (!Number.isInteger(id) || (id as number) < 0 || (id as number) >= entries.length) {
      throw damaged(`${JSON.stringify(word)} has number ${JSON.stringify(id)} of ${entries.length}`);
    }
    if (json.idx2word[String(id)] !== word) throw damaged(`idx2word and word2idx disagree on number ${id}`);
    words[id as number] = word;
  }
  return new WordTokenizer({ kind: 'scan', maxLength, words }, source);
}
