/** @file What the nodes of the concept graph begin as: word vectors of a file, rows of the text tower's table, or learnt. */
import { type Tokenizer, wordIds } from '../../data/tokens/tokenizer.ts';
import { readWordVectors } from '../../files/word-vectors.ts';

/** Plain data. */
export type NodeFeatures =
  /** A table N(0, 1) [concepts, width] that is trained. */
  | { readonly kind: 'trained'; readonly width: number }
  /** Given vectors [concepts, width], row by row; constant. */
  | { readonly kind: 'given'; readonly width: number; readonly data: ArrayLike<number> }
  /** Mean of the rows `ids` of the table at a dotted path of the text tower's parameters; no gradient reaches it from here. */
  | { readonly kind: 'text'; readonly table: string; readonly ids: readonly (readonly number[])[] };

/**
 * Word vectors of the concepts, from a text file such as GloVe's. Concepts that the file lacks get the mean of those that it has.
 *
 * @throws DIPTYCH_WORD_VECTORS, and what `readLines` throws
 */
export async function readNodeFeatures(path: string, words: readonly string[]): Promise<NodeFeatures> {
  const { vectors, width } = await readWordVectors(path, new Set(words));
  const mean = Array.from(
    { length: width },
    (_, k) => [...vectors.values()].reduce((sum, v) => sum + v[k], 0) / vectors.size,
  );
  return { kind: 'given', width, data: words.flatMap((w) => vectors.get(w) ?? mean) };
}

/**
 * The ids of each concept in the text tower's table: of its word, or of its pieces where the tokenizer cuts it.
 *
 * @param table dotted path of the table in the text tower's parameters
 */
export function textTowerFeatures(tokenizer: Tokenizer, words: readonly string[], table: string): NodeFeatures {
  return { kind: 'text', table, ids: words.map((word) => wordIds(tokenizer, word)) };
}
