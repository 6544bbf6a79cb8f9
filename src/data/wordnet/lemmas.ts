/**
 * @file Base forms of inflected English words, as WordNet's Morphy finds them: from a list of irregular forms, else by endings, with a
 * rule for doubled consonants that spares most of Morphy's list.
 */
import { irregular } from './irregular.ts';

/** Files that a word may stand in. */
export const classes = ['noun', 'verb', 'adj', 'adv'] as const;
export type WordNetClass = (typeof classes)[number];

/** What an ending may have been before inflection. */
const endings: Readonly<Record<WordNetClass, readonly (readonly [ending: string, base: string])[]>> = {
  noun: [
    ['s', ''],
    ['ses', 's'],
    ['xes', 'x'],
    ['zes', 'z'],
    ['ches', 'ch'],
    ['shes', 'sh'],
    ['men', 'man'],
    ['ies', 'y'],
  ],
  verb: [
    ['s', ''],
    ['ies', 'y'],
    ['es', 'e'],
    ['es', ''],
    ['ed', 'e'],
    ['ed', ''],
    ['ing', 'e'],
    ['ing', ''],
  ],
  adj: [
    ['er', ''],
    ['est', ''],
    ['er', 'e'],
    ['est', 'e'],
  ],
  adv: [],
};

/** A doubled consonant in front of an ending that begins with a vowel: running, sitting, bigger. */
const doubled = /([bdfgklmnprtz])\1$/;

/** The word itself, and what it may be a form of; not all of them are words. */
export function baseForms(word: string, of: WordNetClass): string[] {
  const listed = irregular[of]?.get(word);
  if (listed) return [word, ...listed];
  const found = endings[of]
    .filter(([ending]) => word.length > ending.length && word.endsWith(ending))
    .flatMap(([ending, base]) => {
      const stem = word.slice(0, word.length - ending.length);
      return base === '' && ending !== 's' && doubled.test(stem) ? [stem, stem.slice(0, -1)] : [stem + base];
    });
  return [...new Set([word, ...found])];
}
