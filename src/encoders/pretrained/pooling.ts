/** @file From the hidden states of a sequence to one vector: the poolings of `nn`, and single rows of the sequence. */

import { multiplyDims } from '../../graph/dims.ts';
import { add, cast, multiply, subtract } from '../../graph/ops/elementwise.ts';
import { gather } from '../../graph/ops/indexing.ts';
import { iota, scalar, sizeOf } from '../../graph/ops/leaves.ts';
import { reshape } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Pooling } from '../../nn/pooling/pooling.ts';
import { mergeGroups, type Padded, padGroups, type Ragged } from '../../nn/ragged.ts';

/** Poolings that take one row of each sequence: the class token, the end of the text, or what the pooler makes of the first. */
export type RowPooling = { readonly kind: 'cls' | 'last' | 'pooler' };
export type SequencePooling = Pooling | RowPooling;

export function takesRow(pooling: SequencePooling): pooling is RowPooling {
  return pooling.kind === 'cls' || pooling.kind === 'last' || pooling.kind === 'pooler';
}

/**
 * One row of each sequence, the last one or the first.
 *
 * @param x rows [N, d]
 * @returns [batch, d]
 */
export function pickRows({ kind }: RowPooling, x: Ragged): Tensor {
  const picked = padGroups(x).map((group) => pickFrom(group, kind === 'last'));
  return mergeGroups(picked, x.layout.batch);
}

function pickFrom({ x, lengths }: Padded, last: boolean): Tensor {
  const [count, width, d] = x.shape;
  const places = typeof width === 'number' ? scalar(width, 'int32') : cast(sizeOf(width), 'int32');
  const first = multiply(iota(count), places);
  const at = last ? add(first, subtract(lengths, 1)) : first;
  return gather(reshape(x, [multiplyDims(count, width), d]), at);
}
