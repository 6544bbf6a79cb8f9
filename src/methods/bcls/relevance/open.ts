/** @file Relevance from any of its sources. */
import { createHash } from 'node:crypto';
import { fingerprintOf } from '../../../data/fingerprint.ts';
import { relationOf } from '../../../evaluation/relation.ts';
import { type Progress, silent } from '../../../system/progress.ts';
import { cachedTermVectors } from './cache.ts';
import { matrixRelevance } from './matrix.ts';
import type { Aggregate, Relevance, Subject } from './relevance.ts';
import { sentenceRelevance } from './sentences.ts';
import type { Terms } from './terms.ts';
import { sparseRelevance } from './vectors.ts';

/** Where degrees of relevance come from. */
export type RelevanceSource =
  | { readonly kind: Terms; readonly aggregate: Aggregate; readonly cache?: string | undefined }
  | { readonly kind: 'vectors'; readonly aggregate: Aggregate; readonly file: string }
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
  if (source.kind === 'vectors') return sentenceRelevance(source.file, subject, source.aggregate);
  const { kind, aggregate, cache } = source;
  const { captionsOf, imageOf } = relationOf(subject.images);
  const vectors = await cachedTermVectors(subject.images, kind, cache, progress);
  const identity = [kind, aggregate, fingerprintOf(subject.images)].join(' ');
  return {
    fingerprint: createHash('sha256').update(identity).digest('hex'),
    block: sparseRelevance(vectors, captionsOf, imageOf, aggregate),
  };
}
