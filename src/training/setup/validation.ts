/** @file Scores on the validation split, of whatever weights the runtime holds at the moment. */
import { aborted } from 'node:util';
import type { Relation } from '../../evaluation/relation.ts';
import { type Embeddings, embeddingScores } from '../../evaluation/scores.ts';
import { relevanceAgreement } from '../../methods/bcls/agreement.ts';
import type { Relevance } from '../../methods/bcls/relevance/relevance.ts';
import type { EvaluationMoment, Scores } from '../task.ts';
import type { Background } from './background.ts';
import type { EncodePart } from './encode-part.ts';
import type { Part } from './materials.ts';

export interface ValidationOptions {
  readonly split: string;
  /** Degrees of relevance on the split; undefined leaves the correlation out. */
  readonly relevance: Relevance | undefined;
  /** Images, and captions, that it is averaged over. */
  readonly anchors: number;
}

export function validator(
  { encode, background }: { readonly encode: EncodePart; readonly background: Background },
  part: Part,
  { split, relevance, anchors }: ValidationOptions,
): (moment: Pick<EvaluationMoment, 'signal'>) => Promise<Scores> {
  const { relation } = part;
  return async function validate({ signal }) {
    const embeddings = await encode(part, signal);
    const graded = relevance && (await tauOf(embeddings, relation, relevance, anchors));
    const ranking = background.evaluate(embeddings, relation, split);
    const { rsum, imageToText: i2t, textToImage: t2i } = await unlessAborted(ranking, signal);
    return {
      rsum,
      i2tR1: i2t.r1,
      i2tR5: i2t.r5,
      i2tR10: i2t.r10,
      t2iR1: t2i.r1,
      t2iR5: t2i.r5,
      t2iR10: t2i.r10,
      ...graded,
    };
  };
}

/**
 * Kendall's tau between scores and relevance: of images as anchors, of captions, and the mean of both. Tau@K and NCS@K take as long
 * again, and are left to `diptych eval`.
 */
async function tauOf(
  embeddings: Embeddings,
  relation: Relation,
  relevance: Relevance,
  anchors: number,
): Promise<Record<string, number>> {
  const options = { anchors, cutoffs: { tau: [], ncs: [] } };
  const found = await relevanceAgreement(embeddingScores(embeddings), relation, relevance, options);
  const taus = Object.entries({ tau: found.tau, i2tTau: found.imageToText.tau, t2iTau: found.textToImage.tau });
  return Object.fromEntries(taus.filter((entry): entry is [string, number] => entry[1] !== null));
}

/** Rejects as soon as the signal is aborted; what the work brings later is not used. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const abortion = aborted(signal, work).then(() => Promise.reject(signal.reason));
  return Promise.race([work, abortion]);
}
