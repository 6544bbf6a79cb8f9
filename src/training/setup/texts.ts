/** @file The text side of parts of the data, whatever the text tower: captions as ids, or as vectors of a frozen encoder. */
import { tokenizerFromJSON } from '../../data/tokens/load.ts';
import type { TokenizedText, Tokenizer } from '../../data/tokens/tokenizer.ts';
import { readSentenceModel, type SentenceModel } from '../../encoders/pretrained/sentence-model.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { Progress } from '../../system/progress.ts';
import { CaptionSide, widthsUpTo } from '../batches/captions.ts';
import type { Side } from '../batches/side.ts';
import { VectorSide, type VectorTable } from '../batches/vectors.ts';
import { corruptionOf, longestOf, tokenizeAll, tokenizerOf } from './captions.ts';
import { sentenceTable } from './vectors/sentences.ts';

/** What reads captions. */
export interface Reading {
  readonly tokenizer: Tokenizer;
  /** The frozen encoder, of towers over sentence vectors. */
  readonly sentences?: SentenceModel | undefined;
  /** The encoder that is trained below the head of such towers. */
  readonly tuned?: SentenceModel | undefined;
}

/** A part of the data as its text tower takes it. */
export interface OpenedTexts {
  readonly side: Side;
  /** Captions as ids; undefined where they come as vectors. */
  readonly captions: readonly TokenizedText[] | undefined;
  /** Towers over vectors: where the captions are among them. */
  readonly vectors: { readonly table: VectorTable; readonly rows: Int32Array } | undefined;
}

type Values = Pick<TrainingValues, 'text' | 'tokens' | 'augmentation' | 'fineTuning'>;

/**
 * What reads the captions of a run: the tokenizer that is named, that of the text model, or the words of the training captions.
 *
 * @param texts captions that are trained on
 * @throws DIPTYCH_PRETRAINED_…, DIPTYCH_TOKENS_…, DIPTYCH_FILE_…, DIPTYCH_JSON_…
 */
export async function readingOf({ text, tokens, fineTuning }: Values, texts: readonly string[]): Promise<Reading> {
  const tuned = text.kind === 'pretrained' && fineTuning.head === 'vector';
  if (text.kind === 'vector' || tuned) {
    const sentences = await readSentenceModel(text.model!, tokens.length);
    const { longest } = sentences.description;
    const tokenizer = tokenizerFromJSON({ ...sentences.tokenizer.toJSON(), maxLength: longest });
    return tuned ? { tokenizer, tuned: sentences } : { tokenizer, sentences };
  }
  const file = tokens.file ?? (text.kind === 'pretrained' ? text.model : null);
  return { tokenizer: await tokenizerOf({ ...tokens, file }, texts) };
}

interface OpenOptions {
  /** Tokens of the longest caption that the towers take; that of these captions unless given. */
  readonly longest?: number;
  /** Folder that keeps vectors; undefined keeps none. */
  readonly cache: string | undefined;
  readonly progress: Progress;
}

/**
 * Opens parts of the data.
 *
 * @param parts captions of each
 */
export async function openTexts(
  parts: readonly (readonly string[])[],
  values: Values,
  reading: Reading,
  { longest, cache, progress }: OpenOptions,
): Promise<{ readonly parts: readonly OpenedTexts[]; readonly longest: number }> {
  if (reading.sentences)
    return {
      parts: await vectorParts(parts, reading.sentences, cache, progress),
      longest: reading.sentences.description.longest,
    };
  const { tokenizer } = reading;
  const tokenized: TokenizedText[][] = [];
  for (const texts of parts) tokenized.push(await tokenizeAll(texts, tokenizer));
  const known = longest ?? Math.max(...tokenized.map(longestOf));
  const options = {
    tokenizer,
    widths: widthsUpTo(known),
    order: values.text.kind === 'bigru' ? ('time' as const) : ('sequence' as const),
    corruption: corruptionOf(values.augmentation),
  };
  const opened = tokenized.map((captions) => ({
    side: new CaptionSide(captions, options),
    captions,
    vectors: undefined,
  }));
  return { parts: opened, longest: known };
}

/** All parts in one table: they are encoded, and kept, together. */
async function vectorParts(
  parts: readonly (readonly string[])[],
  sentences: SentenceModel,
  cache: string | undefined,
  progress: Progress,
): Promise<OpenedTexts[]> {
  const table = await sentenceTable(parts.flat(), sentences, cache, progress);
  let first = 0;
  return parts.map(({ length }) => {
    const rows = Int32Array.from({ length }, (_, i) => first + i);
    first += length;
    return { side: new VectorSide(table, rows), captions: undefined, vectors: { table, rows } };
  });
}
