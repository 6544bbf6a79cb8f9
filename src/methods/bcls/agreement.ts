/** @file How far scores order candidates as graded relevance does, over a split: Kendall's tau, Tau@K, and NCS@K. */
import { setImmediate } from 'node:timers/promises';
import {
  type CumulativeRelevance,
  cumulativeRelevance,
  type DirectionAgreement,
  normalisedCumulative,
  type RelevanceAgreement,
  rankCandidates,
  tauAt,
} from '../../evaluation/graded.ts';
import type { Relation } from '../../evaluation/relation.ts';
import type { ScoreSource } from '../../evaluation/scores.ts';
import { batchRelevance, type Relevance } from './relevance/relevance.ts';

export interface AgreementOptions {
  /** Most images, and most captions, whose candidates are ranked: evenly spread over the split, the same each time. 200 unless given. */
  readonly anchors?: number;
  /** Each K of Tau@K and NCS@K; unless given those that Ladder Loss reports, and those of recall@K. None costs nothing. */
  readonly cutoffs?: Cutoffs;
}

interface Cutoffs {
  readonly tau: readonly number[];
  readonly ncs: readonly number[];
}
const usual: Cutoffs = { tau: [50, 100, 200, 500, 1000], ncs: [1, 5, 10] };

/**
 * Agreement between scores and relevance. It measures the fit to these degrees, which a program made of captions, and is no
 * evidence of what people would call relevant.
 *
 * @param relation the split; its images and captions are numbered as those of `relevance`
 */
export async function relevanceAgreement(
  scores: ScoreSource,
  { imageIds, captionIds, imageOf }: Relation,
  relevance: Relevance,
  { anchors = 200, cutoffs = usual }: AgreementOptions = {},
): Promise<RelevanceAgreement> {
  const [images, captions] = [everyOne(imageIds.length), everyOne(captionIds.length)];
  const imageToText = await directionAgreement(
    captions.length,
    cutoffs,
    spread(images.length, anchors),
    async (image) => ({
      scores: Float64Array.from(captions, (caption) => scores.pair(image, caption)),
      relevance: await batchRelevance(relevance, Int32Array.of(image), captions),
      isOwn: (caption) => imageOf[caption] === image,
    }),
  );
  const textToImage = await directionAgreement(
    images.length,
    cutoffs,
    spread(captions.length, anchors),
    async (caption) => ({
      scores: Float64Array.from(images, (image) => scores.pair(image, caption)),
      relevance: await batchRelevance(relevance, images, Int32Array.of(caption)),
      isOwn: (image) => imageOf[caption] === image,
    }),
  );
  const [i2t, t2i] = [imageToText.tau, textToImage.tau];
  return { tau: i2t === null || t2i === null ? null : (i2t + t2i) / 2, imageToText, textToImage };
}

/** What is known of all candidates of an anchor. */
interface Candidates {
  readonly scores: Float64Array;
  readonly relevance: Float32Array;
  /** Whether a candidate belongs to the anchor. */
  isOwn(candidate: number): boolean;
}

async function directionAgreement(
  candidates: number,
  { tau, ncs }: Cutoffs,
  anchors: readonly number[],
  candidatesOf: (anchor: number) => Promise<Candidates>,
): Promise<DirectionAgreement> {
  const [tauKs, ncsKs] = [tau, ncs].map((cutoffs) => cutoffs.filter((k) => k <= candidates));
  const taus: (number | null)[] = [];
  const tausAt: (number | null)[][] = tauKs.map(() => []);
  const cumulatedAt: CumulativeRelevance[][] = ncsKs.map(() => []);
  for (const anchor of anchors) {
    await setImmediate(); // leaves room for timers and signals
    const { scores, relevance, isOwn } = await candidatesOf(anchor);
    const ranked = rankCandidates(scores, relevance);
    const others = ranked.relevance.filter((_, place) => !isOwn(ranked.order[place]));
    taus.push(tauAt(candidates, ranked));
    tauKs.forEach((k, at) => void tausAt[at].push(tauAt(k, ranked)));
    ncsKs.forEach((k, at) => void cumulatedAt[at].push(cumulativeRelevance(k, others)));
  }
  return {
    tau: meanOf(taus),
    tauAt: Object.fromEntries(tauKs.map((k, at) => [k, meanOf(tausAt[at])])),
    ncsAt: Object.fromEntries(ncsKs.map((k, at) => [k, normalisedCumulative(cumulatedAt[at])])),
    anchors: taus.filter((tau) => tau !== null).length,
  };
}

/** Mean of those that are defined; null where none is. */
function meanOf(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

function everyOne(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

/** At most so many of 0 … count - 1, evenly spread. */
function spread(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
}
