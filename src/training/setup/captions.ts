/** @file Captions as ids, made piece by piece so that the process stays responsive. */
import { setImmediate } from 'node:timers/promises';
import type { WordCorruption } from '../../data/tokens/augment.ts';
import { readTokenizer, tokenizerFromJSON } from '../../data/tokens/load.ts';
import type { TokenizedText, Tokenizer } from '../../data/tokens/tokenizer.ts';
import { countVocabulary } from '../../data/tokens/vocabulary.ts';
import type { TrainingValues } from '../../methods/schema.ts';

/** Captions between two looks at what else is to be done. */
const PIECE = 500;

/**
 * The tokenizer of a run: the given one, or the words of the training captions. It cuts captions as the run does.
 *
 * @param texts captions that are trained on
 * @throws DIPTYCH_TOKENS_…, DIPTYCH_FILE_…, DIPTYCH_JSON_…
 */
export async function tokenizerOf(
  { file, minimumCount, length }: TrainingValues['tokens'],
  texts: readonly string[],
): Promise<Tokenizer> {
  const tokenizer = file === null ? countVocabulary(texts, { minimumCount }) : await readTokenizer(file);
  return tokenizerFromJSON({ ...tokenizer.toJSON(), maxLength: length }, file ?? 'vocabulary');
}

/** All texts as ids, in their order. */
export async function tokenizeAll(texts: readonly string[], tokenizer: Tokenizer): Promise<TokenizedText[]> {
  const tokenized: TokenizedText[] = [];
  for (let start = 0; start < texts.length; start += PIECE) {
    tokenized.push(...together(texts.slice(start, start + PIECE).map((text) => tokenizer.tokenize(text))));
    await setImmediate();
  }
  return tokenized;
}

/** The same texts in memory that they share: tens of thousands of small buffers keep the garbage collector busy in every step. */
function together(texts: readonly TokenizedText[]): TokenizedText[] {
  const all = new Int32Array(texts.reduce((sum, { ids, words }) => sum + ids.length + words.length, 0));
  let end = 0;
  const placed = (numbers: Int32Array): Int32Array => {
    const start = end;
    end += numbers.length;
    all.set(numbers, start);
    return all.subarray(start, end);
  };
  return texts.map(({ ids, words }) => ({ ids: placed(ids), words: placed(words) }));
}

/** Tokens of the longest, marks included. */
export function longestOf(captions: readonly TokenizedText[]): number {
  return captions.reduce((longest, { ids }) => Math.max(longest, ids.length), 1);
}

/** How words are corrupted in training; undefined if they are not. */
export function corruptionOf({ wordDrop, wordShares }: TrainingValues['augmentation']): WordCorruption | undefined {
  const [mask, random, remove] = wordShares;
  return wordDrop === 0 ? undefined : { probability: wordDrop, mask, random, remove };
}
