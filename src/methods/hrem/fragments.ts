/** @file Regions and words side by side, as fragment matching reads them. No gradient leaves through them. */
import type { Dim } from '../../graph/dims.ts';
import { maximum, stopGradient, where } from '../../graph/ops/elementwise.ts';
import { scalar } from '../../graph/ops/leaves.ts';
import { pad, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { maskOf, mergeGroups, padGroups, type Ragged } from '../../nn/ragged.ts';

/** Regions or words of a batch, and what a padded place would hold. */
export interface FragmentSource {
  readonly fragments: Ragged;
  /** [d]: what the tower makes of padding, where it says so; zero otherwise, as behind a packed recurrent layer. */
  readonly padding?: Tensor | undefined;
}

/** Sequences of fragments of one width. */
export interface Fragments {
  /** [count, width, d]; what stands beyond `lengths` is padding, read or not. */
  readonly x: Tensor;
  /** int32 [count]: fragments of each sequence that are its own. */
  readonly lengths: Tensor;
}

/** The sequences group by group, each at least as wide as the matching needs. @param least width */
export function sideBySide({ fragments: { rows, layout }, padding }: FragmentSource, least: number): Fragments[] {
  return padGroups({ rows: stopGradient(rows), layout }).map(({ x, lengths }) => {
    const wide = widened(x, Math.max(knownWidth(x), least));
    const own = unsqueeze(maskOf(lengths, wide.shape[1]), -1);
    return { x: padding ? where(own, wide, stopGradient(padding)) : wide, lengths };
  });
}

/** All sequences in one group, of the width of the widest. */
export function inOneGroup(groups: readonly Fragments[], batch: Dim): Fragments {
  const width = Math.max(...groups.map(({ x }) => knownWidth(x)));
  return {
    x: mergeGroups(
      groups.map(({ x }) => widened(x, width)),
      batch,
    ),
    lengths: mergeGroups(
      groups.map(({ lengths }) => lengths),
      batch,
    ),
  };
}

/** int32 [count]: how many places are read where at least `least` are. */
export function atLeast(lengths: Tensor, least: number): Tensor {
  return maximum(lengths, scalar(least, 'int32'));
}

function widened(x: Tensor, width: number): Tensor {
  return pad(x, 1, 0, width - knownWidth(x));
}

function knownWidth(x: Tensor): number {
  const width = x.shape[1];
  if (typeof width === 'string') throw new TypeError('fragment matching needs groups of a known width');
  return width;
}
