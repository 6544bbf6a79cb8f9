/** @file Scores of images with their own captions against those with any others. */
import { percentile } from '../../evaluation/bootstrap.ts';
import { dot } from '../../evaluation/product.ts';
import type { Embeddings } from '../../evaluation/scores.ts';
import { Random } from '../../random/random.ts';

/** Random pairs that are drawn. */
const PAIRS = 50_000;
const BINS = 60;
export const percents = [1, 5, 25, 50, 75, 95, 99, 99.9] as const;

export interface Similarities {
  /** Ends of the bins of both histograms, BINS + 1 scores. */
  readonly edges: readonly number[];
  /** Share of the pairs in each bin. */
  readonly matched: readonly number[];
  readonly random: readonly number[];
  /** Scores below which so many percent of the pairs lie. */
  readonly percentiles: readonly { readonly percent: number; readonly matched: number; readonly random: number }[];
  /** How probably a matched pair scores higher than a random one, ties halved (area under the ROC curve). */
  readonly separation: number;
}

/** Scores of all matched pairs, and of pairs of an image and another image's caption, drawn at random. Both ascending. */
export function scoresOf(
  { images, captions, dimension }: Embeddings,
  imageOf: Int32Array,
): { matched: Float64Array; random: Float64Array } {
  const matched = Float64Array.from(imageOf, (image, caption) => dot(images, image, captions, caption, dimension));
  const draw = new Random('random pairs');
  const rows = images.length / dimension;
  const others: number[] = [];
  for (let i = 0; i < PAIRS && rows > 1; i++) {
    const caption = draw.integer(imageOf.length);
    const image = draw.integer(rows - 1);
    // Skips the caption's own image.
    others.push(dot(images, image < imageOf[caption] ? image : image + 1, captions, caption, dimension));
  }
  return { matched: matched.sort(), random: Float64Array.from(others).sort() };
}

/** @param matched ascending @param random ascending */
export function similaritiesOf({ matched, random }: { matched: Float64Array; random: Float64Array }): Similarities {
  const low = Math.min(matched[0], random[0]);
  const high = Math.max(matched[matched.length - 1], random[random.length - 1]);
  const width = (high - low || 1) / BINS;
  const shares = (scores: Float64Array): number[] => {
    const counts = new Array<number>(BINS).fill(0);
    for (const score of scores) counts[Math.min(BINS - 1, Math.floor((score - low) / width))]++;
    return counts.map((count) => count / scores.length);
  };
  return {
    edges: Array.from({ length: BINS + 1 }, (_, i) => low + i * width),
    matched: shares(matched),
    random: shares(random),
    percentiles: percents.map((percent) => ({
      percent,
      matched: percentile(matched, percent / 100),
      random: percentile(random, percent / 100),
    })),
    separation: separation(matched, random),
  };
}

/** Mann and Whitney's U over the number of pairs. */
export function separation(matched: Float64Array, random: Float64Array): number {
  let [less, equal, sum] = [0, 0, 0];
  for (const score of matched) {
    while (less < random.length && random[less] < score) less++;
    equal = Math.max(equal, less);
    while (equal < random.length && random[equal] === score) equal++;
    sum += less + (equal - less) / 2;
  }
  return sum / (matched.length * random.length);
}
