/** @file Captions as the mean of the vectors of their words, from a file such as GloVe's. */
import type { ImageRecord } from '../../../data/dataset.ts';
import { captionsOf } from '../../../data/relation.ts';
import { words } from '../../../data/tokens/words.ts';
import { readWordVectors } from '../../../files/word-vectors.ts';
import { cosineRelevance } from './cosines.ts';
import type { Aggregate, Relevance } from './relevance.ts';

/**
 * Relevance as the cosine of mean word vectors: see `cosineRelevance`. Words that the file lacks are left out; a caption of such
 * words alone is similar to nothing.
 *
 * @param path text: on each line a word and its numbers, separated by spaces
 * @throws DIPTYCH_WORD_VECTORS, and what `readLines` throws
 */
export async function wordRelevance(
  path: string,
  images: readonly ImageRecord[],
  aggregate: Aggregate,
): Promise<Relevance> {
  const captions = captionsOf(images).map(({ text }) => words(text));
  const { vectors, width } = await readWordVectors(path, new Set(captions.flat()));
  const means = new Float32Array(captions.length * width);
  captions.forEach((caption, row) => {
    const known = caption.map((word) => vectors.get(word)).filter((vector) => vector !== undefined);
    for (const vector of known) for (let k = 0; k < width; k++) means[row * width + k] += vector[k] / known.length;
  });
  return cosineRelevance(means, width, images, aggregate);
}
