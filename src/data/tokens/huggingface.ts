/** @file Runs tokenizer.json files, as models of the Hugging Face hub carry them, behind our tokenizer interface. */
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import {
  type EncodeOptions,
  type Marks,
  type TokenizedText,
  type Tokenizer,
  type TokenizerJSON,
  withMarks,
} from './tokenizer.ts';
import { beginsWord, wordNumbers } from './word-groups.ts';

/** More ids than any published tokenizer has; a larger number in a damaged file would exhaust memory. */
const MOST_IDS = 10_000_000;

const id = z.int().nonnegative().max(MOST_IDS);

/** What is checked of tokenizer.json; the library judges the rest. */
export const tokenizerFileSchema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id, content: z.string(), special: z.boolean().default(false) })).default([]),
  normalizer: z.unknown().default(null),
  pre_tokenizer: z.unknown().default(null),
  post_processor: z.unknown().default(null),
  decoder: z.unknown().default(null),
  model: z.looseObject({
    vocab: z.union([z.record(z.string(), id), z.array(z.tuple([z.string(), z.number()]))]),
    type: z.string().optional(),
    continuing_subword_prefix: z.string().nullish(),
    end_of_word_suffix: z.string().nullish(),
    unk_token: z.string().nullish(),
    unk_id: id.nullish(),
  }),
  truncation: z.looseObject({ max_length: z.int().positive() }).nullish(),
  padding: z.looseObject({ pad_id: id }).nullish(),
});

/** A special token as tokenizer_config.json writes it: its text, or an object holding its text. */
const tokenText = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish();

/** tokenizer_config.json, with special_tokens_map.json merged below it. */
export const tokenizerConfigSchema = z.looseObject({
  pad_token: tokenText,
  mask_token: tokenText,
  model_max_length: z.number().nullish(),
});

export type TokenizerFile = z.output<typeof tokenizerFileSchema>;
export type TokenizerConfig = z.output<typeof tokenizerConfigSchema>;

export interface HuggingFaceJSON extends TokenizerJSON {
  readonly kind: 'huggingface';
  readonly tokenizer: TokenizerFile;
  readonly config: TokenizerConfig;
}

/** What is used of the library. */
interface Runner {
  encode(text: string, options?: { add_special_tokens: boolean }): { ids: number[]; tokens: string[] };
  decode(ids: number[]): string;
  token_to_id(token: string): number | undefined;
}

/** Where no file says a length. */
const DEFAULT_MAX_LENGTH = 512;

/** Files that name no special tokens use these. */
const usualNames = { pad: ['[PAD]', '<pad>'], mask: ['[MASK]', '<mask>'] };

/** The longest text the files allow, in tokens; 512 where they say nothing (or 10^30, which some do). */
export function maxLengthOf(tokenizer: TokenizerFile, config: TokenizerConfig): number {
  const stated = tokenizer.truncation?.max_length ?? config.model_max_length;
  return stated && stated <= 1e6 ? stated : DEFAULT_MAX_LENGTH;
}

export class HuggingFaceTokenizer implements Tokenizer {
  readonly size: number;
  readonly padId: number;
  readonly startId: number | undefined;
  readonly endId: number | undefined;
  readonly unknownId: number | undefined;
  readonly maskId: number | undefined;
  readonly specialIds: readonly number[];
  readonly maxLength: number;
  readonly #json: HuggingFaceJSON;
  readonly #source: string;
  readonly #library: Runner;
  readonly #marks: Marks;
  readonly #beginsWord: ReturnType<typeof beginsWord>;

  /**
   * @param json the files, checked by their schemas
   * @param source what to name in errors
   * @throws DIPTYCH_TOKENS_UNSUPPORTED if the library cannot run the file
   */
  constructor(json: HuggingFaceJSON, source: string) {
    const { tokenizer, config } = json;
    this.#json = json;
    this.#source = source;
    this.maxLength = json.maxLength;
    this.#beginsWord = beginsWord(tokenizer);
    this.#library = this.#attempt((): Runner => new Library(tokenizer, config));
    this.#marks = this.#findMarks();
    const { before, after } = this.#marks;
    this.startId = before[0];
    this.endId = after.at(-1);
    this.unknownId = tokenizer.model.unk_id ?? this.#idOf(tokenizer.model.unk_token);
    this.maskId = this.#firstOf(config.mask_token, ...usualNames.mask);
    const padId = this.#firstOf(config.pad_token, ...usualNames.pad) ?? tokenizer.padding?.pad_id;
    // Padding is masked wherever it could be read, so 0 serves a file that names none, even where 0 is a word.
    this.padId = padId ?? 0;
    const specials = tokenizer.added_tokens.filter(({ special }) => special).map(({ id }) => id);
    const named = [padId, this.unknownId, this.maskId].filter((id) => id !== undefined);
    this.specialIds = [...new Set([...specials, ...before, ...after, ...named])].sort((a, b) => a - b);
    const { vocab } = tokenizer.model;
    const ids = Array.isArray(vocab) ? vocab.map((_, id) => id) : Object.values(vocab);
    const largest = (most: number, id: number) => Math.max(most, id);
    this.size = [...ids, ...this.specialIds, ...tokenizer.added_tokens.map(({ id }) => id)].reduce(largest, 0) + 1;
  }

  tokenize(text: string, options: EncodeOptions = {}): TokenizedText {
    const { ids, pieces } = this.#pieces(text);
    const isEmpty = ids.length === 0 && this.#marks.before.length + this.#marks.after.length === 0;
    if (isEmpty) ids.push(this.unknownId ?? this.padId);
    const words = isEmpty ? [0] : wordNumbers(pieces, this.#beginsWord);
    return withMarks(ids, words, this.#marks, options.maxLength ?? this.maxLength);
  }

  encode(text: string, options?: EncodeOptions): Int32Array {
    return this.tokenize(text, options).ids;
  }

  /** The text as the model sees it (lower-cased by an uncased model); an unknown word shows as the unknown token. */
  decode(ids: ArrayLike<number>): string {
    const isMark = (id: number) => this.#marks.before.includes(id) || this.#marks.after.includes(id);
    const isShown = (id: number) => !this.specialIds.includes(id) || (id === this.unknownId && !isMark(id));
    const shown = Array.from(ids).filter(isShown);
    return shown.length === 0 ? '' : this.#attempt(() => this.#library.decode(shown)).trim();
  }

  toJSON(): HuggingFaceJSON {
    return this.#json;
  }

  /** Ids and pieces of the text alone. A piece without an id (a byte that BPE never saw) is dropped, as in Rust. */
  #pieces(text: string): { ids: number[]; pieces: string[] } {
    const { ids, tokens } = this.#attempt(() => this.#library.encode(text, { add_special_tokens: false }));
    const known = ids.map((id, i) => ({ id, piece: tokens[i] })).filter(({ id }) => Number.isInteger(id));
    return { ids: known.map(({ id }) => id), pieces: known.map(({ piece }) => piece) };
  }

  /** What the post-processor puts before and after a text, found by encoding one with and without. */
  #findMarks(): Marks {
    for (const probe of ['a', '1', '.']) {
      const { ids } = this.#pieces(probe);
      const whole = this.#attempt(() => this.#library.encode(probe)).ids;
      for (let at = 0; ids.length > 0 && at + ids.length <= whole.length; at++) {
        if (ids.every((id, i) => whole[at + i] === id)) {
          return { before: whole.slice(0, at), after: whole.slice(at + ids.length) };
        }
      }
    }
    throw this.#unsupported('it encodes neither letters, digits nor full stops');
  }

  #idOf(token: string | null | undefined): number | undefined {
    return token === null || token === undefined ? undefined : this.#library.token_to_id(token);
  }

  #firstOf(...tokens: readonly (string | null | undefined)[]): number | undefined {
    return tokens.map((token) => this.#idOf(token)).find((id) => id !== undefined);
  }

  #attempt<T>(run: () => T): T {
    try {
      return run();
    } catch (cause) {
      throw this.#unsupported(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  #unsupported(reason: string, cause?: unknown): DiptychError {
    return new DiptychError('DIPTYCH_TOKENS_UNSUPPORTED', { source: this.#source, reason }, { cause });
  }
}
