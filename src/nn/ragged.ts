/**
 * @file Batches of sequences of different lengths, kept as packed rows: no product is spent on padding. Only what needs
 * sequences side by side (attention, sorting, maxima) sees them padded, in groups of similar length.
 */
import { addDims, type Dim, multiplyDims, type Shape } from '../graph/dims.ts';
import { greater, where } from '../graph/ops/elementwise.ts';
import { repack } from '../graph/ops/indexing.ts';
import { constant, iota } from '../graph/ops/leaves.ts';
import { concat, expand, refine, reshape, split } from '../graph/ops/shape.ts';
import type { Spec, Tensor } from '../graph/tensor.ts';

/** Sequences padded to one width. */
export interface RaggedGroup {
  readonly count: Dim;
  readonly width: Dim;
  /** int32 [count]. */
  readonly lengths: Tensor;
}

/** Where the rows of a batch lie. N rows, P = sum count * width padded places. */
export interface RaggedLayout {
  /** Groups that together are the batch, in its order. */
  readonly groups: readonly RaggedGroup[];
  /** Number of sequences. */
  readonly batch: Dim;
  /** `source` int32 [P]: row at each padded place or -1; `target` int32 [N]: its inverse. Without: every place holds its row. */
  readonly moves: { readonly source: Tensor; readonly target: Tensor } | undefined;
  /** Rows themselves hold padding beyond each length: those of exported graphs, which take plain padded input. */
  readonly padded?: boolean;
}

/** A batch of sequences as packed rows [N, …]. */
export interface Ragged {
  readonly rows: Tensor;
  readonly layout: RaggedLayout;
}

/** One group of sequences side by side. */
export interface Padded {
  /** [count, width, …], zero beyond each length. */
  readonly x: Tensor;
  /** bool [count, width]: which places hold a row; undefined if all do. */
  readonly mask: Tensor | undefined;
  /** int32 [count]. */
  readonly lengths: Tensor;
}

/** What a recurrent layer needs to know of time-major rows. */
export interface Recurrence {
  /** int32 [steps]: sequences running at each step. */
  readonly counts: Tensor;
  /** int32 [N]: the rows of each sequence turned round, an involution. */
  readonly reverse: Tensor;
}

/** The inputs that carry a layout: leaves are specs in a signature, tensors in a step. */
export type RaggedInputs<L> = {
  readonly source: L;
  readonly target: L;
  /** int32 [N]: place of each row in its sequence. */
  readonly position: L;
  /** int32 [count] of each group, named `w` and its width. */
  readonly lengths: { readonly [width: `w${number}`]: L };
};

/** The inputs of a layout in time order. */
export type RecurrentInputs<L> = RaggedInputs<L> & { readonly counts: L; readonly reverse: L };

/** Specs of the inputs that `layoutFeeds` of layout.ts fills; sizes are symbolic: one compiled graph serves all batches. */
export function raggedSpecs(name: string, widths: readonly number[], order: 'sequence'): RaggedInputs<Spec>;
export function raggedSpecs(name: string, widths: readonly number[], order: 'time'): RecurrentInputs<Spec>;
export function raggedSpecs(
  name: string,
  widths: readonly number[],
  order: 'sequence' | 'time',
): RaggedInputs<Spec> | RecurrentInputs<Spec> {
  const int32 = (size: Dim): Spec => ({ shape: [size], dtype: 'int32' });
  const descending = [...widths].sort((a, b) => b - a);
  const countOf = (width: number) => `${name}_w${width}`;
  const places = descending.map((width) => multiplyDims(width, countOf(width))).reduce(addDims);
  const rows = int32(rowsOf(name));
  const inputs = {
    source: int32(places),
    target: rows,
    position: rows,
    lengths: Object.fromEntries(descending.map((width) => [`w${width}`, int32(countOf(width))])),
  };
  return order === 'sequence' ? inputs : { ...inputs, counts: int32(descending[0]), reverse: rows };
}

/** The symbolic number of rows of the batch that `raggedSpecs` describes under a name. */
export function rowsOf(name: string): Dim {
  return `${name}_rows`;
}

/**
 * The layout carried by inputs.
 *
 * @param batch number of sequences if it has a name or a number of its own; else the sum of the groups
 */
export function layoutFrom(inputs: RaggedInputs<Tensor>, batch?: Dim): RaggedLayout {
  const groups = Object.entries(inputs.lengths).map(([name, lengths]) => ({
    count: lengths.shape[0],
    width: Number(name.slice(1)),
    lengths,
  }));
  const { source, target } = inputs;
  return { groups, batch: batch ?? groups.map(({ count }) => count).reduce(addDims), moves: { source, target } };
}

/** The layout of sequences that all have one length: rows lie sequence by sequence and nothing is padded. */
export function fullLayout(batch: Dim, width: number): RaggedLayout {
  const lengths = expand(constant([width], [1], 'int32'), [batch]);
  return { groups: [{ count: batch, width, lengths }], batch, moves: undefined };
}

/** A batch of equally long sequences [batch, width, …] as packed rows. */
export function fullRagged(x: Tensor): Ragged {
  const [batch, width, ...rest] = x.shape;
  if (typeof width === 'string') throw new TypeError('equally long sequences need a known length');
  return { rows: reshape(x, [multiplyDims(batch, width), ...rest]), layout: fullLayout(batch, width) };
}

/**
 * Padded sequences as rows, padding and all, for exported graphs: what stands beyond a length is computed but never read.
 *
 * @param x [batch, width, …]
 * @param lengths int32 [batch]
 * @returns the rows, and the place int32 [batch * width] of each in its sequence
 */
export function paddedLayout(x: Tensor, lengths: Tensor): { ragged: Ragged; position: Tensor } {
  const [batch, width, ...rest] = x.shape;
  const rows = multiplyDims(batch, width);
  const position = reshape(expand(reshape(iota(width), [1, width]), [batch, width]), [rows]);
  const layout = { groups: [{ count: batch, width, lengths }], batch, moves: undefined, padded: true };
  return { ragged: { rows: reshape(x, [rows, ...rest]), layout }, position };
}

/** The sequences side by side, group by group. The rows are copied once. */
export function padGroups({ rows, layout: { groups, moves, padded } }: Ragged): Padded[] {
  const rest = rows.shape.slice(1);
  const places = moves ? repack(rows, moves.source, moves.target, { source: true, target: false }) : rows;
  const pieces = split(
    places,
    0,
    groups.map(({ count, width }) => multiplyDims(count, width)),
  );
  return groups.map(({ count, width, lengths }, i) => {
    const x = reshape(pieces[i], [count, width, ...rest]);
    const mask = moves || padded ? maskOf(lengths, width) : undefined;
    // Padding that was computed along is not zero yet.
    const zeroed = mask && padded ? where(reshape(mask, [count, width, ...rest.map(() => 1)]), x, 0) : x;
    return { x: zeroed, mask, lengths };
  });
}

/** bool [count, width]: the first `lengths` places of each row hold. */
export function maskOf(lengths: Tensor, width: Dim): Tensor {
  return greater(reshape(lengths, [lengths.shape[0], 1]), reshape(iota(width), [1, width]));
}

/** Groups [count, width, …] back as packed rows; what stands in padded places is dropped. The reverse of `padGroups`. */
export function unpadGroups(groups: readonly Tensor[], { moves }: RaggedLayout): Tensor {
  const places = concat(
    groups.map((x) => reshape(x, [multiplyDims(x.shape[0], x.shape[1]), ...x.shape.slice(2)])),
    0,
  );
  return moves ? repack(places, moves.target, moves.source, { source: false, target: true }) : places;
}

/** Pieces [count, …], one for each group, joined to the batch [batch, …]. */
export function mergeGroups(pieces: readonly Tensor[], batch: Dim): Tensor {
  const shape: Shape = [batch, ...pieces[0].shape.slice(1)];
  return refine(concat(pieces, 0), shape);
}
