/** @file What the nodes of the concept graph begin as: word vectors of a file, rows of the text tower's table, or learnt. */
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { DiptychError } from '../../errors/error.ts';
import { readLines } from '../../files/text.ts';

/** Plain data. */
export type NodeFeatures =
  /** A table N(0, 1) [concepts, width] that is trained. */
  | { readonly kind: 'trained'; readonly width: number }
  /** Given vectors [concepts, width], row by row; constant. */
  | { readonly kind: 'given'; readonly width: number; readonly data: ArrayLike<number> }
  /** Mean of the rows `ids` of the table at a dotted path of the text tower's parameters; no gradient reaches it from here. */
  | { readonly kind: 'text'; readonly table: string; readonly ids: readonly (readonly number[])[] };

/**
 * Word vectors of the concepts from a text file: on each line a word and its numbers, separated by spaces; lines of other
 * words are passed over. Concepts that the file lacks get the mean of those that it has.
 *
 * @returns the features, and the concepts that the file lacks
 * @throws DIPTYCH_CODER_VECTORS, and what `readLines` throws
 */
export async function readNodeFeatures(
  path: string,
  words: readonly string[],
): Promise<{ features: NodeFeatures; missing: readonly string[] }> {
  const wanted = new Set(words);
  const found = new Map<string, number[]>();
  let width = 0;
  for await (const { line, text = '' } of readLines(path)) {
    const [name, ...numbers] = text.trimEnd().split(' ');
    if (!wanted.has(name) || found.has(name)) continue;
    const vector = numbers.map(Number);
    if (width === 0) width = vector.length;
    const reason =
      vector.length === 0 || vector.length !== width
        ? `${vector.length} numbers for ${JSON.stringify(name)}, elsewhere ${width}`
        : vector.some((x) => !Number.isFinite(x))
          ? `${JSON.stringify(name)} has a value that is no number`
          : undefined;
    if (reason !== undefined) throw new DiptychError('DIPTYCH_CODER_VECTORS', { path, line, reason });
    found.set(name, vector);
  }
  if (found.size === 0) {
    throw new DiptychError('DIPTYCH_CODER_VECTORS', {
      path,
      reason: `none of its words is one of the ${words.length} concepts`,
    });
  }
  const mean = Array.from(
    { length: width },
    (_, k) => [...found.values()].reduce((sum, v) => sum + v[k], 0) / found.size,
  );
  return {
    features: { kind: 'given', width, data: words.flatMap((w) => found.get(w) ?? mean) },
    missing: words.filter((w) => !found.has(w)),
  };
}

/**
 * The ids of each concept in the text tower's table: of its word, or of its pieces where the tokenizer cuts it.
 *
 * @param table dotted path of the table in the text tower's parameters
 */
export function textTowerFeatures(tokenizer: Tokenizer, words: readonly string[], table: string): NodeFeatures {
  const ids = words.map((w) => {
    const { ids: all, words: wordOf } = tokenizer.tokenize(w);
    return Array.from(all).filter((_, i) => wordOf[i] >= 0);
  });
  return { kind: 'text', table, ids };
}
