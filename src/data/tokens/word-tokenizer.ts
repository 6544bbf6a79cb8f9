/** @file A tokenizer whose ids are whole words of a fixed list: counted vocabularies and SCAN's. */
import { DiptychError } from '../../errors/error.ts';
import { type EncodeOptions, type TokenizedText, type Tokenizer, type TokenizerJSON, withMarks } from './tokenizer.ts';
import { treebankWords } from './treebank.ts';
import { words as unicodeWords } from './words.ts';

/** Names of the special entries of a word list. The first four must be there, `<pad>` as number 0. */
export const specialWords = { pad: '<pad>', start: '<start>', end: '<end>', unknown: '<unk>', mask: '<mask>' } as const;

/** How each kind splits text. A list only knows its words if text is split the way it was when they were counted. */
const splitters = { vocabulary: unicodeWords, scan: treebankWords } as const;

export interface WordTokenizerJSON extends TokenizerJSON {
  readonly kind: keyof typeof splitters;
  /** The word of each id. */
  readonly words: readonly string[];
}

export class WordTokenizer implements Tokenizer {
  readonly kind: keyof typeof splitters;
  readonly padId: number;
  readonly startId: number;
  readonly endId: number;
  readonly unknownId: number;
  readonly maskId: number | undefined;
  readonly specialIds: readonly number[];
  readonly maxLength: number;
  readonly #words: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  /**
   * @param json kind, maximum length in tokens with marks, and the word of each id
   * @param source what to name in errors
   * @throws DIPTYCH_TOKENS_DAMAGED if a word is listed twice or a special word is missing
   */
  constructor(json: WordTokenizerJSON, source: string) {
    this.kind = json.kind;
    this.maxLength = json.maxLength;
    this.#words = json.words;
    this.#ids = new Map(json.words.map((word, id) => [word, id]));
    if (this.#ids.size !== json.words.length) {
      const twice = json.words.find((word, id) => this.#ids.get(word) !== id);
      throw new DiptychError('DIPTYCH_TOKENS_DAMAGED', { source, reason: `${JSON.stringify(twice)} is listed twice` });
    }
    const idOf = (name: string): number => {
      const id = this.#ids.get(name);
      if (id !== undefined) return id;
      throw new DiptychError('DIPTYCH_TOKENS_DAMAGED', { source, reason: `${name} is missing` });
    };
    this.padId = idOf(specialWords.pad);
    if (this.padId !== 0) {
      throw new DiptychError('DIPTYCH_TOKENS_DAMAGED', { source, reason: `<pad> is number ${this.padId}, not 0` });
    }
    this.startId = idOf(specialWords.start);
    this.endId = idOf(specialWords.end);
    this.unknownId = idOf(specialWords.unknown);
    this.maskId = this.#ids.get(specialWords.mask);
    this.specialIds = [this.padId, this.startId, this.endId, this.unknownId, this.maskId]
      .filter((id) => id !== undefined)
      .sort((a, b) => a - b);
  }

  get size(): number {
    return this.#words.length;
  }

  tokenize(text: string, options: EncodeOptions = {}): TokenizedText {
    const ids = this.#split(text);
    const marks = { before: [this.startId], after: [this.endId] };
    return withMarks(ids, [...ids.keys()], marks, options.maxLength ?? this.maxLength);
  }

  encode(text: string, options?: EncodeOptions): Int32Array {
    return this.tokenize(text, options).ids;
  }

  /** The words, separated by spaces; unknown words as `<unk>`, which `encode` reads as unknown again. */
  decode(ids: ArrayLike<number>): string {
    const isShown = (id: number) => id === this.unknownId || !this.specialIds.includes(id);
    const shown = Array.from(ids).filter(isShown);
    return shown.map((id) => this.#words[id] ?? specialWords.unknown).join(' ');
  }

  toJSON(): WordTokenizerJSON {
    return { kind: this.kind, maxLength: this.maxLength, words: this.#words };
  }

  #split(text: string): number[] {
    const split = splitters[this.kind];
    return text
      .split(specialWords.unknown)
      .flatMap((part, i) => [
        ...(i > 0 ? [this.unknownId] : []),
        ...split(part).map((word) => this.#ids.get(word) ?? this.unknownId),
      ]);
  }
}
