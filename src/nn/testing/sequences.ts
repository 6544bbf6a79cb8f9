/** @file Ragged batches for tests: feeds for inputs made from specs, and the same sequences padded. */

import { input } from '../../graph/ops/leaves.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import { normalValue } from '../../graph/testing/check.ts';
import { leavesOf, type MapTree, mapTree, type Tree } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import { type HostLayout, layoutFeeds } from '../layout.ts';

/** Inputs for the specs of a tree, named by path under a name. */
export function inputsOf<T extends Tree<Spec>>(tree: T, name: string): MapTree<T, Spec, Tensor> {
  return mapTree(tree, (spec: Spec, path) => input(`${name}.${path}`, spec.shape, spec.dtype));
}

/** Normal numbers for all inputs of a tree, by input name. */
export function normalFeeds(tree: Tree<Spec>, name: string, scale = 1): [string, Value][] {
  return leavesOf<Spec>(tree).map(([path, { shape }]) => {
    const { data } = normalValue(shape as number[], name, path);
    return [`${name}.${path}`, { shape: shape as number[], data: data.map((x) => x * scale) }];
  });
}

/** A layout as feeds of the inputs under a name. */
export function layoutValues(host: HostLayout, name: string): [string, Value][] {
  return [...layoutFeeds(host)].map(([path, { shape, data }]) => [
    `${name}.${path}`,
    { shape: [...shape], data: Float64Array.from(data) },
  ]);
}

/** Rows of padded sequences [count, width, d], in row order. */
export function packValue(padded: Value, { sequence, position }: HostLayout): Value {
  const [, width, d] = padded.shape;
  const data = new Float64Array(sequence.length * d);
  sequence.forEach((which, row) => {
    const start = (which * width + position[row]) * d;
    data.set(padded.data.subarray(start, start + d), row * d);
  });
  return { shape: [sequence.length, d], data };
}

/** Rows as padded sequences [count, width, d], zero beyond each length. */
export function padValue(rows: Value, { sequence, position }: HostLayout, width: number): Value {
  const d = rows.shape[1];
  const count = Math.max(...sequence) + 1;
  const data = new Float64Array(count * width * d);
  sequence.forEach((which, row) => {
    data.set(rows.data.subarray(row * d, (row + 1) * d), (which * width + position[row]) * d);
  });
  return { shape: [count, width, d], data };
}
