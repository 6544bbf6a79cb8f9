/**
 * @file Sorting as a network of comparators over whole slices. Along a short axis this is many times faster than TopK: each
 * comparator is a Max and a Min of two long contiguous slices, and its swaps, kept as a mask, carry gradients back.
 */
import type { Emitter } from './emitter.ts';

/** Longest axis that is sorted by a network. */
export const networkLimit = 64;

/** Comparators (i, j), i < j, that put any n numbers in order: Batcher's odd-even merge sort. */
export function comparators(n: number): [number, number][] {
  const list: [number, number][] = [];
  for (let p = 1; p < n; p *= 2) {
    for (let k = p; k >= 1; k = Math.floor(k / 2)) {
      for (let j = k % p; j + k < n; j += 2 * k) {
        for (let i = j; i < Math.min(j + k, n - k); i++) {
          if (Math.floor(i / (2 * p)) === Math.floor((i + k) / (2 * p))) list.push([i, i + k]);
        }
      }
    }
  }
  return list;
}

/**
 * Names of the n sorted slices (descending), followed by the masks of the comparators that swapped. Emitted once per operand:
 * `sort` takes the slices, `unsort` the masks.
 */
export function sortingNetwork(emitter: Emitter, x: string, axis: number, n: number): string[] {
  return emitter.once(`sorting ${x} ${axis}`, () => {
    const slices = emitter.many('Split', [x], { axis, num_outputs: n }, n);
    const masks = comparators(n).map(([i, j]) => {
      const [a, b] = [slices[i], slices[j]];
      slices[i] = emitter.one('Max', [a, b]);
      slices[j] = emitter.one('Min', [a, b]);
      return emitter.one('Less', [a, b]);
    });
    return [...slices, ...masks];
  });
}

/** Routes slices of a cotangent back through the network: where a comparator had swapped, its two cotangents swap. */
export function unsortingNetwork(
  emitter: Emitter,
  masks: readonly string[],
  cotangent: string,
  axis: number,
  n: number,
): string {
  const slices = emitter.many('Split', [cotangent], { axis, num_outputs: n }, n);
  const list = comparators(n);
  for (let c = list.length - 1; c >= 0; c--) {
    const [i, j] = list[c];
    const [first, second] = [slices[i], slices[j]];
    slices[i] = emitter.one('Where', [masks[c], second, first]);
    slices[j] = emitter.one('Where', [masks[c], first, second]);
  }
  return emitter.one('Concat', slices, { axis });
}
