/** @file Counts and scores as people read them. */

/** A count with its noun: 1 picture, 12,345 pictures. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** A cosine: 0.312. */
export function scoreText(score: number): string {
  return score.toFixed(3).replace('-', '−');
}

/** A share of 100, with more digits the nearer it comes to all: 87 %, 99.3 %, 99.98 %. Never all of it. */
export function percentileText(percentile: number): string {
  const missing = 100 - percentile;
  const digits = missing >= 10 ? 0 : missing >= 1 ? 1 : 2;
  const rounded = Math.min(percentile, 99.99).toFixed(digits);
  return `${rounded} %`;
}
