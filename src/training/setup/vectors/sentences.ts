/** @file Sentence vectors of captions by a frozen text encoder: computed once, kept, read from memory. */
import { createHash } from 'node:crypto';
import { type SentenceModel, sentenceFingerprint } from '../../../encoders/pretrained/sentence-model.ts';
import { encodeSentences } from '../../../encoders/pretrained/sentences.ts';
import { kept } from '../../../files/kept.ts';
import type { Progress } from '../../../system/progress.ts';
import type { VectorTable } from '../../batches/vectors.ts';

/**
 * Vectors of texts, in their order.
 *
 * @param cache folder that keeps them; undefined keeps nothing
 * @returns [texts, 1, width]
 */
export async function sentenceTable(
  texts: readonly string[],
  model: SentenceModel,
  cache: string | undefined,
  progress: Progress,
): Promise<VectorTable> {
  const width = model.dimension;
  const identity = `${sentenceFingerprint(model)} ${textsFingerprint(texts)}`;
  const tensors = await kept(cache, { kind: 'sentences', identity, note: (line) => progress.note(line) }, async () => {
    const encoder = await encodeSentences(model);
    try {
      const data = (await encoder.encode(texts, { progress })) as Float32Array<ArrayBuffer>;
      return new Map([['vectors', { dtype: 'F32' as const, shape: [texts.length, width], data }]]);
    } finally {
      await encoder.close();
    }
  });
  return { data: tensors.get('vectors')!.data as Float32Array, views: 1, width };
}

function textsFingerprint(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${JSON.stringify(text)}\n`);
  return hash.digest('hex');
}
