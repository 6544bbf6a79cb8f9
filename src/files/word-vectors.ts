/** @file Word vectors as GloVe and fastText write them: text, on each line a word and its numbers. */
import { DiptychError } from '../errors/error.ts';
import { readLines } from './text.ts';

export interface WordVectors {
  /** Of the wanted words that the file has, the first where it has several; all of one width, finite in float32. */
  readonly vectors: ReadonlyMap<string, readonly number[]>;
  readonly width: number;
}

/**
 * Reads the vectors of some words. Lines of other words are passed over unread, so that a file of any size serves; so is a first line of
 * two whole numbers, which says how many words there are and how wide (fastText).
 *
 * @throws DIPTYCH_WORD_VECTORS for a wanted word without such numbers, or if none is there; and what `readLines` throws
 */
export async function readWordVectors(path: string, wanted: ReadonlySet<string>): Promise<WordVectors> {
  const vectors = new Map<string, readonly number[]>();
  let width = 0;
  for await (const { line, text = '' } of readLines(path)) {
    if (line === 1 && /^\d+ \d+\s*$/.test(text)) continue;
    const [word, ...fields] = text.match(/[^ \t]+/g) ?? [''];
    if (!wanted.has(word) || vectors.has(word)) continue;
    if (width === 0) width = fields.length;
    const fault = faultOf(fields, width);
    if (fault) {
      throw new DiptychError('DIPTYCH_WORD_VECTORS', { path, line, reason: `${fault} for ${JSON.stringify(word)}` });
    }
    vectors.set(word, fields.map(Number));
  }
  if (vectors.size > 0) return { vectors, width };
  throw new DiptychError('DIPTYCH_WORD_VECTORS', { path, reason: `none of the ${wanted.size} words is in it` });
}

/** What is wrong with the numbers of a word. */
function faultOf(fields: readonly string[], width: number): string | undefined {
  if (fields.length === 0) return 'no numbers';
  if (fields.length !== width) return `${fields.length} numbers, ${width} before,`;
  const wrong = fields.find((field) => !isNumber(field));
  return wrong === undefined ? undefined : `${JSON.stringify(wrong)} in place of a number`;
}

/** Decimal numbers alone, and none that float32 cannot hold. */
function isNumber(field: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(field) && Number.isFinite(Math.fround(Number(field)));
}
