/** @file Parameter trees before they have values: shape and first values of each, by dotted path. */
import { leavesOf, type Tree } from '../graph/tree.ts';
import type { TensorData } from '../graph/values.ts';
import { Random } from '../random/random.ts';
import { draw, type Initialiser } from './initialisers.ts';

/** A parameter, or an entry of the state kept beside the parameters. It is a `Spec` of the graph as it stands. */
export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly dtype: 'float32';
  readonly init: Initialiser;
}

/** A parameter of a shape with its first values. */
export function parameter(shape: readonly number[], init: Initialiser): ParameterSpec {
  return { shape, dtype: 'float32', init };
}

/**
 * First values of all parameters of a tree. Each is a function of (seed, path) alone: adding or removing a parameter changes no
 * other one.
 *
 * @param seed of the run
 * @returns tensors by dotted path, in the order of the tree
 */
export function initialise(tree: Tree<ParameterSpec>, seed: number): Map<string, TensorData> {
  return new Map(
    leavesOf<ParameterSpec>(tree).map(([path, { shape, dtype, init }]) => [
      path,
      { dtype, shape, data: draw(init, shape, new Random(seed, 'parameter', path)) },
    ]),
  );
}

/** Number of elements of all parameters. */
export function parameterCount(tree: Tree<ParameterSpec>): number {
  return leavesOf<ParameterSpec>(tree).reduce(
    (total, [, { shape }]) => total + shape.reduce((product, size) => product * size, 1),
    0,
  );
}
