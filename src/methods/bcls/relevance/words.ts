/** @file Captions as the mean of the vectors of their words, from a file such as GloVe's. */
import type { ImageRecord } from '../../../data/dataset.ts';
import { captionsOf } from '../../../data/relation.ts';
import { words } from '../../../data/tokens/words.ts';
import { DiptychError } from '../../../errors/error.ts';
import { readLines } from '../../../files/text.ts';
import { cosineRelevance } from './cosines.ts';
import type { Aggregate, Relevance } from './relevance.ts';

/**
 * Relevance as the cosine of mean word vectors: see `cosineRelevance`. Words that the file lacks are left out; a caption of such
 * words alone is similar to nothing.
 *
 * @param path text: on each line a word and its numbers, separated by spaces
 * @throws DIPTYCH_RELEVANCE_WORDS, and what `readLines` throws
 */
export async function wordRelevance(
  path: string,
  images: readonly ImageRecord[],
  aggregate: Aggregate,
): Promise<Relevance> {
  const captions = captionsOf(images).map(({ text }) => words(text));
  const { vectors, width } = await readVectors(path, new Set(captions.flat()));
  const means = new Float32Array(captions.length * width);
  captions.forEach((caption, row) => {
    const known = caption.map((word) => vectors.get(word)).filter((vector) => vector !== undefined);
    for (const vector of known) for (let k = 0; k < width; k++) means[row * width + k] += vector[k] / known.length;
  });
  return cosineRelevance(means, width, images, aggregate);
}

/** The vectors of the wanted words, all of one width. */
async function readVectors(
  path: string,
  wanted: ReadonlySet<string>,
): Promise<{ vectors: ReadonlyMap<string, Float32Array>; width: number }> {
  const vectors = new Map<string, Float32Array>();
  let width = 0;
  for await (const { line, text = '' } of readLines(path)) {
    const [word, ...numbers] = text.trimEnd().split(' ');
    if (!wanted.has(word) || vectors.has(word)) continue;
    const vector = Float32Array.from(numbers, Number);
    if (width === 0) width = vector.length;
    if (vector.length === 0 || vector.length !== width || !vector.every(Number.isFinite)) {
      const reason = `${JSON.stringify(word)} has not ${width || 'any'} numbers`;
      throw new DiptychError('DIPTYCH_RELEVANCE_WORDS', { path, line, reason });
    }
    vectors.set(word, vector);
  }
  if (vectors.size > 0) return { vectors, width };
  throw new DiptychError('DIPTYCH_RELEVANCE_WORDS', { path, reason: `none of the ${wanted.size} words is in it` });
}
