/** @file What words name, by which concepts are chosen: from a file, from WordNet, or from both. */
import { z } from 'zod';
import type { WordNetClass } from '../../data/wordnet/lemmas.ts';
import { openSenses } from '../../data/wordnet/senses.ts';
import { readJson } from '../../files/json.ts';
import type { VocabularyOptions, WordClass } from './vocabulary.ts';

/** Classes of words as JSON: `{"dog": "object", "brown": "property", "runs": "motion"}`. */
const wordClassesSchema = z.record(z.string(), z.enum(['object', 'property', 'motion']));

/** Nouns name objects, adjectives properties, verbs motions (as CVSE's list has them); adverbs name none of these. */
const namedBy: Readonly<Partial<Record<WordNetClass, WordClass>>> = { noun: 'object', adj: 'property', verb: 'motion' };

/**
 * The class of a word, or undefined for words without one: what a file says, else, with `wordnet`, by the part of speech of the word's
 * most frequent sense.
 *
 * @returns undefined where words are taken by frequency alone
 * @throws DIPTYCH_WORDNET_MISSING, DIPTYCH_FILE_…, DIPTYCH_JSON_…
 */
export async function openWordClasses(file: string | null, wordnet: boolean): Promise<VocabularyOptions['classOf']> {
  if (file === null && !wordnet) return undefined;
  const listed = new Map(file === null ? [] : Object.entries(await readJson(file, wordClassesSchema)));
  const senses = wordnet ? openSenses() : undefined;
  return (word) => {
    const given = listed.get(word);
    if (given !== undefined) return given;
    const common = senses?.commonest(word);
    return common && namedBy[common];
  };
}
