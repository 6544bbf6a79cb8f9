/** @file Regions and words side by side, as fragment matching reads them. No gradient leaves through them. */
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
  /** Whether zeros stand beyond `lengths`: nothing then has to be cut off. */
  readonly zeroed: boolean;
}

/** The sequences group by group, each at least as wide as the matching needs. @param least width */
export function sideBySide({ fragments, padding }: FragmentSource, least: number): Fragments[] {
  return padded(fragments).map(({ x, lengths }) => filled(widened(x, least), lengths, padding));
}

/** All sequences in one group, as wide as the widest. @param least width */
export function inOneGroup({ fragments, padding }: FragmentSource, least: number): Fragments {
  const groups = padded(fragments);
  const width = Math.max(least, ...groups.map(({ x }) => knownWidth(x)));
  const merged = (pieces: readonly Tensor[]) => mergeGroups(pieces, fragments.layout.batch);
  const x = merged(groups.map((group) => widened(group.x, width)));
  return filled(x, merged(groups.map(({ lengths }) => lengths)), padding);
}

function padded({ rows, layout }: Ragged) {
  return padGroups({ rows: stopGradient(rows), layout });
}

function filled(x: Tensor, lengths: Tensor, padding: Tensor | undefined): Fragments {
  if (!padding) return { x, lengths, zeroed: true };
  const own = unsqueeze(maskOf(lengths, x.shape[1]), -1);
  return { x: where(own, x, stopGradient(padding)), lengths, zeroed: false };
}

/** int32 [count]: how many places are read where at least `least` are. */
export function atLeast(lengths: Tensor, least: number): Tensor {
  return maximum(lengths, scalar(least, 'int32'));
}

/** At least so wide. */
function widened(x: Tensor, least: number): Tensor {
  return pad(x, 1, 0, Math.max(0, least - knownWidth(x)));
}

function knownWidth(x: Tensor): number {
  const width = x.shape[1];
  if (typeof width === 'string') throw new TypeError('fragment matching needs groups of a known width');
  return width;
}
