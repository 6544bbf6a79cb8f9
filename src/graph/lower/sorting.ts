/**
 * @file Sorting by a network of comparators, each over whole slices: a third of the time of `TopK`, for values alone.
 *
 * Bitonic sorting (Batcher 1968): sorted runs of k/2 are merged in pairs, first each element with its mirror image in the other
 * run, then with the one at half, a quarter, … the distance. log2(n) (log2(n) + 1) / 2 rounds of maxima and minima.
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
  const runs = 2 ** Math.ceil(Math.log2(Math.max(1, length)));
  const reshaped = (name: string, sizes: readonly number[]) =>
    emitter.one('Reshape', [name, emitter.ints([-1, ...sizes])]);

  // What is added sorts to the end and is cut off there.
  let values = reshaped(x, [length, inner]);
  const least = emitter.float(Number.NEGATIVE_INFINITY);
  if (runs > length) values = emitter.one('Pad', [values, emitter.ints([0, 0, 0, 0, runs - length, 0]), least]);

  const compared = (name: string, distance: number, mirrored: boolean) => {
    const pairs = reshaped(name, [runs / (2 * distance), 2, distance, inner]);
    const [a, b] = emitter.many('Split', [pairs], { axis: 2, num_outputs: 2 }, 2);
    const facing = mirrored && distance > 1 ? turned(b) : b;
    return emitter.one('Concat', [emitter.one('Max', [a, facing]), emitter.one('Min', [a, facing])], { axis: 2 });
  };
  const turned = (name: string) =>
    emitter.one('Slice', [name, emitter.ints([-1]), emitter.ints([-runs - 1]), emitter.ints([3]), emitter.ints([-1])]);

  for (let run = 2; run <= runs; run *= 2) {
    values = compared(values, run / 2, true);
    for (let distance = run / 4; distance >= 1; distance /= 2) values = compared(values, distance, false);
  }
  values = reshaped(values, [runs, inner]);
  if (runs > length) {
    values = emitter.one('Slice', [values, emitter.ints([0]), emitter.ints([length]), emitter.ints([1])]);
  }
  return emitter.one('Reshape', [values, emitter.shape(shape)]);
}
