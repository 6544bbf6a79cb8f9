/** @file A small batch of regions and words for tests: ragged on both sides, as towers give them, with the numbers beside it. */
import { input } from '../../../graph/ops/leaves.ts';
import { normalValue } from '../../../graph/testing/check.ts';
import type { Value } from '../../../graph/values.ts';
import { type HostLayout, layoutOf, longestFirst } from '../../../nn/layout.ts';
import { layoutFrom, type Ragged, raggedSpecs, rowsOf } from '../../../nn/ragged.ts';
import { inputsOf, layoutValues } from '../../../nn/testing/sequences.ts';
import { Random } from '../../../random/random.ts';

/** One side: its fragments as symbols, their values, and the vectors of each sequence. */
export interface SideBatch {
  readonly fragments: Ragged;
  readonly feeds: readonly (readonly [string, Value])[];
  readonly sequences: readonly number[][][];
}

/** Regions, in one group. */
export function regionBatch(name: string, lengths: readonly number[], width: number, d: number): SideBatch {
  const carried = inputsOf(raggedSpecs(name, [width], 'sequence'), name);
  return sideBatch(name, lengths, layoutOf(lengths, [width], 'sequence'), layoutFrom(carried, lengths.length), d);
}

/** Words in the order of time, in several groups. Lengths descend. */
export function wordBatch(name: string, lengths: readonly number[], widths: readonly number[], d: number): SideBatch {
  const carried = inputsOf(raggedSpecs(name, widths, 'time'), name);
  return sideBatch(name, lengths, layoutOf(lengths, widths, 'time'), layoutFrom(carried, lengths.length), d);
}

/** Random lengths, longest first. */
export function descendingLengths(count: number, least: number, most: number, seed: string): number[] {
  const random = new Random(seed);
  const lengths = Array.from({ length: count }, () => least + random.integer(most - least + 1));
  return longestFirst(lengths).map((i) => lengths[i]);
}

function sideBatch(
  name: string,
  lengths: readonly number[],
  host: HostLayout,
  layout: Ragged['layout'],
  d: number,
): SideBatch {
  const rows = normalValue([host.sequence.length, d], name);
  const sequences = lengths.map((length) => Array.from({ length }, (): number[] => []));
  host.sequence.forEach((which, row) => {
    sequences[which][host.position[row]] = [...rows.data.slice(row * d, (row + 1) * d)];
  });
  return {
    fragments: { rows: input(`${name}.rows`, [rowsOf(name), d]), layout },
    feeds: [[`${name}.rows`, rows], ...layoutValues(host, name)],
    sequences,
  };
}
