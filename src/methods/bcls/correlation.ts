/** @file How far scores order candidates as graded relevance does: Kendall's tau of each anchor, over a split. */
import { setImmediate } from 'node:timers/promises';
import { kendall } from '../../evaluation/correlation.ts';
import type { Relation } from '../../evaluation/relation.ts';
import type { ScoreSource } from '../../evaluation/scores.ts';
import { batchRelevance, type Relevance } from './relevance/relevance.ts';

/** Mean tau-b of each direction; null where no anchor has one. */
export interface RelevanceCorrelation {
  /** Images as anchors, all captions of the split as candidates. */
  readonly imageToText: number | null;
  /** Captions as anchors, all images as candidates. */
  readonly textToImage: number | null;
  /** Mean of both. */
  readonly mean: number | null;
  /** Anchors that counted, in both directions together: those whose candidates are not all equally relevant. */
  readonly anchors: number;
}

/**
 * Correlation between scores and relevance. It measures the fit to these degrees, which a program made of captions, and is no
 * evidence of what people would call relevant.
 *
 * @param relation the split; its images and captions are numbered as those of `relevance`
 * @param anchors most images, and most captions, whose candidates are ranked: evenly spread over the split, the same each time
 */
export async function relevanceCorrelation(
  scores: ScoreSource,
  { imageIds, captionIds }: Pick<Relation, 'imageIds' | 'captionIds'>,
  relevance: Relevance,
  anchors = 200,
): Promise<RelevanceCorrelation> {
  const [images, captions] = [everyOne(imageIds.length), everyOne(captionIds.length)];
  const imageTaus: number[] = [];
  for (const image of spread(images.length, anchors)) {
    await setImmediate();
    const degrees = await batchRelevance(relevance, Int32Array.of(image), captions);
    keep(
      imageTaus,
      Array.from(captions, (caption) => scores.pair(image, caption)),
      degrees,
    );
  }
  const captionTaus: number[] = [];
  for (const caption of spread(captions.length, anchors)) {
    await setImmediate();
    const degrees = await batchRelevance(relevance, images, Int32Array.of(caption));
    keep(
      captionTaus,
      Array.from(images, (image) => scores.pair(image, caption)),
      degrees,
    );
  }
  const [imageToText, textToImage] = [meanOf(imageTaus), meanOf(captionTaus)];
  return {
    imageToText,
    textToImage,
    mean: imageToText === null || textToImage === null ? null : (imageToText + textToImage) / 2,
    anchors: imageTaus.length + captionTaus.length,
  };
}

function keep(taus: number[], scores: ArrayLike<number>, degrees: ArrayLike<number>): void {
  const { tauB } = kendall(scores, degrees);
  if (tauB !== null) taus.push(tauB);
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function everyOne(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

/** At most so many of 0 … count - 1, evenly spread. */
function spread(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
}
