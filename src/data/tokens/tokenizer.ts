/** @file What a tokenizer is: text in, ids between two marks out, and enough about its words to corrupt or judge them. */
import { DiptychError } from '../../errors/error.ts';

/** Ids of one text, with the word that each id belongs to. Both arrays have the same length, which is never 0. */
export interface TokenizedText {
  readonly ids: Int32Array;
  /** Number of the word (0, 1, 2 … in reading order) of each id; -1 for the marks before and after the text. */
  readonly words: Int32Array;
}

export interface EncodeOptions {
  /** Longest result in tokens, marks included; the end mark is kept. The tokenizer's own `maxLength` unless said. */
  readonly maxLength?: number;
}

/** The form that `tokenizerFromJSON` reads back: plain data, told apart by `kind`. */
export interface TokenizerJSON {
  readonly kind: 'vocabulary' | 'scan' | 'huggingface';
  readonly maxLength: number;
}

export interface Tokenizer {
  /** Number of ids, that is rows of the embedding table; ids lie in [0, size). */
  readonly size: number;
  readonly padId: number;
  /** Mark before the text (`<start>`, CLS); undefined where the tokenizer has none. */
  readonly startId: number | undefined;
  /** Mark after the text (`<end>`, SEP); undefined where the tokenizer has none. */
  readonly endId: number | undefined;
  /** Stands for a word that the tokenizer cannot spell; undefined where it can spell all. */
  readonly unknownId: number | undefined;
  /** Stands for a hidden word; undefined where the tokenizer has none. */
  readonly maskId: number | undefined;
  /** All ids that are not words or pieces of words, ascending. */
  readonly specialIds: readonly number[];
  /** Longest encoded text in tokens, marks included, unless `encode` is told otherwise. */
  readonly maxLength: number;

  /** Ids and their words. @throws DIPTYCH_TOKENS_LENGTH if `maxLength` leaves no room between the marks */
  tokenize(text: string, options?: EncodeOptions): TokenizedText;
  /** Ids with the marks around them: `tokenize(text, options).ids`. */
  encode(text: string, options?: EncodeOptions): Int32Array;
  /** Readable text without marks. Encoding it again gives the same text when decoded. */
  decode(ids: ArrayLike<number>): string;
  /** Plain data from which `tokenizerFromJSON` makes an equal tokenizer. */
  toJSON(): TokenizerJSON;
}

/** What stands before and after each text. */
export interface Marks {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * Puts the marks around the ids of a text and cuts the text, never the marks, to the maximum length.
 *
 * @throws DIPTYCH_TOKENS_LENGTH if no token fits between the marks
 */
export function withMarks(
  ids: readonly number[],
  words: readonly number[],
  marks: Marks,
  maxLength: number,
): TokenizedText {
  const { before, after } = marks;
  const needed = before.length + after.length + 1;
  if (!(maxLength >= needed)) throw new DiptychError('DIPTYCH_TOKENS_LENGTH', { maxLength, needed });
  const kept = Math.min(ids.length, Math.floor(maxLength) - before.length - after.length);
  const markWords = (mark: readonly number[]) => mark.map(() => -1);
  return {
    ids: Int32Array.from([...before, ...ids.slice(0, kept), ...after]),
    words: Int32Array.from([...markWords(before), ...words.slice(0, kept), ...markWords(after)]),
  };
}

/** The ids of a text's words, without the marks around them. */
export function wordIds(tokenizer: Tokenizer, text: string): number[] {
  const { ids, words } = tokenizer.tokenize(text);
  return Array.from(ids).filter((_, at) => words[at] >= 0);
}
