/** @file Which tensors a loss depends on, by its symbolic gradient: the others get a constant zero, whatever is fed. */
import { gradient } from '../../../graph/gradient.ts';
import { constantOf, scalarOf, type Tensor } from '../../../graph/tensor.ts';
import { leavesOf, type Tree } from '../../../graph/tree.ts';

/** Dotted names of the leaves that gradient reaches. */
export function reachedBy(loss: Tensor, leaves: Tree<Tensor>): string[] {
  const slopes = leavesOf<Tensor>(gradient(loss, leaves) as Tree<Tensor>);
  return slopes.filter(([, slope]) => !alwaysZero(slope)).map(([name]) => name);
}

function alwaysZero(x: Tensor): boolean {
  return scalarOf(x) === 0 || (constantOf(x)?.data.every((value) => value === 0) ?? false);
}
