/**
 * @file Sorting by a network of comparators, each over whole slices, for values alone: a fraction of the time of `TopK`.
 *
 * Odd-even merge sort (Batcher 1968), about n log2(n)² / 4 comparators. Every place along the axis is a tensor of its own: two slices
 * fit into the cache, and nothing is moved between comparators but what they compare.
 */
import type { Shape } from '../dims.ts';
import type { Emitter } from './emitter.ts';

/** Lengths up to this are sorted so: the nodes are few, and rounds grow slower than the time saved. */
const LONGEST = 128;

/** Whether a tensor can be sorted along an axis by a network: the sizes from there on are known. */
export function fitsNetwork(shape: Shape, axis: number): boolean {
  const length = shape[axis];
  return typeof length === 'number' && length <= LONGEST && shape.slice(axis).every((dim) => typeof dim === 'number');
}

/** Emits the network; returns the name of the values in descending order along an axis. */
export function lowerSortNetwork(emitter: Emitter, x: string, shape: Shape, axis: number): string {
  const length = shape[axis] as number;
  const inner = (shape.slice(axis + 1) as number[]).reduce((product, size) => product * size, 1);
  if (length < 2) return emitter.one('Identity', [x]);
  const lines = emitter.one('Reshape', [x, emitter.ints([-1, length, inner])]);
  const slices = emitter.many('Split', [lines], { axis: 1, num_outputs: length }, length);
  for (const [i, j] of comparators(length)) {
    const both = [slices[i], slices[j]];
    [slices[i], slices[j]] = [emitter.one('Max', both), emitter.one('Min', both)];
  }
  return emitter.one('Reshape', [emitter.one('Concat', slices, { axis: 1 }), emitter.shape(shape)]);
}

/** Pairs of places i < j, in order: the larger value of each goes to i. */
function* comparators(length: number): Generator<readonly [number, number]> {
  for (let run = 1; run < length; run *= 2) {
    for (let distance = run; distance >= 1; distance /= 2) {
      for (let start = distance % run; start + distance < length; start += 2 * distance) {
        for (let i = start; i < Math.min(start + distance, length - distance); i++) {
          const j = i + distance;
          if (Math.floor(i / (2 * run)) === Math.floor(j / (2 * run))) yield [i, j];
        }
      }
    }
  }
}
