/** @file From how near a collection's pictures lie to each other: above which score two of them are suspiciously alike. */

/** Angles below this (radians) are those of one picture kept twice, which says nothing of different pictures. */
const SAME = 0.002;
/** Fewer nearest neighbours than this say too little. */
const LEAST = 20;

/**
 * A threshold for near-duplicates: Tukey's fence on the logarithm of the angle between a picture and its nearest one.
 *
 *   a_i = ln arccos(score of i and its nearest neighbour);  threshold = cos exp(Q1 - 1.5 (Q3 - Q1))
 *
 * Pictures nearer to each other than that are outliers among the pairs of nearest pictures of this collection. The
 * logarithm, because angles end at 0. Where more than a quarter of the pictures have a near-duplicate they are no
 * outliers any more, and the threshold comes out too high.
 *
 * @param scores of nearest neighbours, of a sample of the pictures
 * @returns between 0 and 0.9995, rounded up to four decimals; undefined with fewer than 20 different pictures
 */
export function suggestThreshold(scores: readonly number[]): number | undefined {
  const angles = scores.map((score) => Math.acos(Math.min(1, score))).filter((angle) => angle > SAME);
  if (angles.length < LEAST) return undefined;
  const logarithms = angles.map(Math.log).sort((a, b) => a - b);
  const [low, high] = [quantile(logarithms, 0.25), quantile(logarithms, 0.75)];
  const fence = Math.cos(Math.exp(low - 1.5 * (high - low)));
  return Math.min(0.9995, Math.max(0, Math.ceil(fence * 1e4) / 1e4));
}

/** Of sorted numbers, with linear interpolation. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
