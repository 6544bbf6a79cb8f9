/**
 * @file Where the rows of a ragged batch lie, worked out on the host. Sequences are sorted longest first and fall into groups;
 * each group is padded to one width, so that padding is little and one compiled graph serves all batches.
 */
import { DiptychError } from '../errors/error.ts';
import type { TensorData } from '../graph/values.ts';

/**
 * Order of the rows: one sequence after the other, or one step after the other (the rows of step t are those of the sequences
 * still running, longest first), as recurrent layers need them.
 */
export type RowOrder = 'sequence' | 'time';

/** The layout of one batch. N rows, P padded places, B sequences. */
export interface HostLayout {
  /** [P]: row at each padded place, or -1. Places lie group by group, widest first, sequence by sequence. */
  readonly source: Int32Array;
  /** [N]: padded place of each row. */
  readonly target: Int32Array;
  /** [N]: which sequence each row belongs to. */
  readonly sequence: Int32Array;
  /** [N]: which place in its sequence each row has, from 0. */
  readonly position: Int32Array;
  /** Groups that together are the batch, widest first; a group may be empty. */
  readonly groups: readonly { readonly width: number; readonly lengths: Int32Array }[];
  /** Time order only: sequences running at each step [widest], and the rows of each sequence turned round [N], an involution. */
  readonly recurrence: { readonly counts: Int32Array; readonly reverse: Int32Array } | undefined;
}

/** Indices of sequences, longest first; equally long ones stay in their order. */
export function longestFirst(lengths: ArrayLike<number>): number[] {
  return Array.from(lengths, (_, i) => i).sort((a, b) => lengths[b] - lengths[a]);
}

/**
 * Lays out a batch.
 *
 * @param lengths of the sequences, at least 1; longest first if there are several widths or the order is by time
 * @param widths of the groups; each sequence falls into the narrowest group that holds it
 * @throws DIPTYCH_NN_LAYOUT if a sequence is empty, too long, or out of order
 */
export function layoutOf(lengths: ArrayLike<number>, widths: readonly number[], order: RowOrder): HostLayout {
  const groups = groupsOf(lengths, widths, order);
  const total = Array.from(lengths).reduce((sum, length) => sum + length, 0);
  const counts = countsOf(lengths, groups[0].width);
  const rowAt = rowNumbers(lengths, counts, order);

  const source = new Int32Array(groups.reduce((sum, group) => sum + group.width * group.lengths.length, 0)).fill(-1);
  const [target, sequence, position, reverse] = [0, 1, 2, 3].map(() => new Int32Array(total));
  let place = 0;
  let first = 0;
  for (const { width, lengths: inGroup } of groups) {
    inGroup.forEach((length, i) => {
      for (let at = 0; at < length; at++) {
        const row = rowAt(first + i, at);
        source[place + at] = row;
        target[row] = place + at;
        sequence[row] = first + i;
        position[row] = at;
        reverse[row] = rowAt(first + i, length - 1 - at);
      }
      place += width;
    });
    first += inGroup.length;
  }
  return { source, target, sequence, position, groups, recurrence: order === 'time' ? { counts, reverse } : undefined };
}

/** The values of all rows in row order, such as token ids. */
export function packRows(sequences: readonly ArrayLike<number>[], { sequence, position }: HostLayout): Int32Array {
  return Int32Array.from(sequence, (which, row) => sequences[which][position[row]]);
}

/** A layout as it is fed, by path under the place of its specs (`raggedSpecs`). */
export function layoutFeeds({ source, target, position, groups, recurrence }: HostLayout): Map<string, TensorData> {
  const int32 = (data: Int32Array): TensorData => ({ dtype: 'int32', shape: [data.length], data });
  return new Map([
    ['source', int32(source)],
    ['target', int32(target)],
    ['position', int32(position)],
    ...groups.map(({ width, lengths }) => [`lengths.w${width}`, int32(lengths)] as const),
    ...Object.entries(recurrence ?? {}).map(([name, data]) => [name, int32(data)] as const),
  ]);
}

function groupsOf(lengths: ArrayLike<number>, widths: readonly number[], order: RowOrder): HostLayout['groups'] {
  const descending = [...widths].sort((a, b) => b - a);
  const ordered = descending.length > 1 || order === 'time';
  const members = descending.map((): number[] => []);
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i];
    const at = descending.findLastIndex((width) => length <= width);
    if (at < 0)
      throw layoutError(`sequence ${i} of length ${length} does not fit the widest group of ${descending[0]}`);
    if (!(length >= 1)) throw layoutError(`sequence ${i} is empty`);
    if (ordered && i > 0 && length > lengths[i - 1])
      throw layoutError(`sequence ${i} of length ${length} follows a shorter one of ${lengths[i - 1]}`);
    members[at].push(length);
  }
  return descending.map((width, i) => ({ width, lengths: Int32Array.from(members[i]) }));
}

/** Sequences that run at each step. */
function countsOf(lengths: ArrayLike<number>, steps: number): Int32Array {
  const counts = new Int32Array(steps);
  for (let i = 0; i < lengths.length; i++) for (let step = 0; step < lengths[i]; step++) counts[step]++;
  return counts;
}

/** The row of a place in a sequence. */
function rowNumbers(lengths: ArrayLike<number>, counts: Int32Array, order: RowOrder) {
  const starts = startsOf(order === 'sequence' ? lengths : counts);
  return order === 'sequence'
    ? (sequence: number, at: number) => starts[sequence] + at
    : (sequence: number, at: number) => starts[at] + sequence;
}

function startsOf(sizes: ArrayLike<number>): Int32Array {
  const starts = new Int32Array(sizes.length);
  for (let i = 1; i < sizes.length; i++) starts[i] = starts[i - 1] + sizes[i - 1];
  return starts;
}

function layoutError(problem: string) {
  return new DiptychError('DIPTYCH_NN_LAYOUT', { problem });
}
