/** @file Relevance from any of its sources. */
import { createHash } from 'node:crypto';
import { fingerprintOf } from '../../../data/fingerprint.ts';
import { onnxSentenceEncoder } from '../../../encoders/pretrained/onnx-sentences.ts';
import { sentenceEncoder } from '../../../encoders/pretrained/sentences.ts';
import { relationOf } from '../../../evaluation/relation.ts';
import { type Progress, silent } from '../../../system/progress.ts';
import { cachedSentenceVectors, cachedTermVectors } from './cache.ts';
import { cosineRelevance } from './cosines.ts';
import { matrixRelevance } from './matrix.ts';
import type { Aggregate, Relevance, Subject } from './relevance.ts';
import { imageRelevance, sentenceRelevance } from './sentences.ts';
import type { Terms } from './terms.ts';
import { sparseRelevance } from './vectors.ts';
import { wordRelevance } from './words.ts';

/** Where degrees of relevance come from. */
export type RelevanceSource =
  | { readonly kind: Terms; readonly aggregate: Aggregate; readonly cache?: string | undefined }
  | { readonly kind: 'vectors'; readonly aggregate: Aggregate; readonly file: string }
  | { readonly kind: 'words'; readonly aggregate: Aggregate; readonly file: string }
  | { readonly kind: 'images'; readonly file: string }
  | {
      readonly kind: 'encoder';
      readonly aggregate: Aggregate;
      /** Of a model as the hub lays it out, or an ONNX file with its tokenizer beside or above it. */
      readonly folder: string;
      readonly cache?: string | undefined;
    }
  | { readonly kind: 'matrix'; readonly file: string };

/**
 * Opens degrees of relevance for a list of images.
 *
 * @throws DIPTYCH_RELEVANCE_SHAPE, DIPTYCH_RELEVANCE_IDS, DIPTYCH_RELEVANCE_NOT_FINITE, DIPTYCH_RELEVANCE_CAPTIONS, and what
 *   reading files throws
 */
export async function openRelevance(
  source: RelevanceSource,
  subject: Subject,
  progress: Progress = silent,
): Promise<Relevance> {
  if (source.kind === 'matrix') return matrixRelevance(source.file, subject);
  if (source.kind === 'images') return imageRelevance(source.file, subject);
  if (source.kind === 'vectors') return sentenceRelevance(source.file, subject, source.aggregate);
  if (source.kind === 'words') return wordRelevance(source.file, subject.images, source.aggregate);
  if (source.kind === 'encoder') return encodedRelevance(source, subject, progress);
  const { kind, aggregate, cache } = source;
  const { captionsOf, imageOf } = relationOf(subject.images);
  const vectors = await cachedTermVectors(subject.images, kind, cache, progress);
  const identity = [kind, aggregate, fingerprintOf(subject.images)].join(' ');
  return {
    fingerprint: createHash('sha256').update(identity).digest('hex'),
    block: sparseRelevance(vectors, captionsOf, imageOf, aggregate),
  };
}

/** Cosines of the vectors that a text encoder makes of the captions. */
async function encodedRelevance(
  { folder, aggregate, cache }: Extract<RelevanceSource, { kind: 'encoder' }>,
  { images }: Subject,
  progress: Progress,
): Promise<Relevance> {
  const encoder = await (folder.endsWith('.onnx') ? onnxSentenceEncoder(folder) : sentenceEncoder(folder));
  try {
    return await cosineRelevance(
      await cachedSentenceVectors(images, encoder, cache, progress),
      encoder.dimension,
      images,
      aggregate,
    );
  } finally {
    await encoder.close();
  }
}
