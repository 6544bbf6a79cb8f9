/**
 * @file Generalised pooling (VSE-infinity, Chen et al. 2021): a weighted sum of the sorted values of each dimension. The weights
 * depend on the length of the sequence alone, so one table holds those of all lengths.
 */
import type { Dim } from '../../graph/dims.ts';
import { multiply, subtract } from '../../graph/ops/elementwise.ts';
import { gather, sort } from '../../graph/ops/indexing.ts';
import { constant, iota } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { maskLogits, softmax } from '../../graph/ops/reduce.ts';
import { reshape, slice, squeeze, transpose, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type BiGru, biGru, biGruParameters } from '../gru.ts';
import { kaimingUniform } from '../initialisers.ts';
import { layoutOf } from '../layout.ts';
import { linear } from '../linear.ts';
import { type ParameterSpec, parameter } from '../parameters.ts';
import { type Padded, padGroups } from '../ragged.ts';
import { lowered } from './simple.ts';

/** Codes of width 32 -> GRU in both directions, 32 wide, averaged -> one number, without bias. */
export type Gpo<L> = { readonly gru: BiGru<L>; readonly score: { readonly weight: L } };

const width = 32;
const temperature = 0.1;

export function gpoParameters(): Gpo<ParameterSpec> {
  return {
    gru: biGruParameters(width, width),
    score: { weight: parameter([1, width], kaimingUniform(Math.sqrt(5))) },
  };
}

/**
 * Weights of all lengths, computed once a step by one packed recurrence over sequences of lengths `longest`, …, 2, 1:
 *
 *     θ = softmax( w · biGRU(codes of positions 0 … n - 1) / 0.1 )
 *
 * @param longest length
 * @returns [longest, longest]; row r holds the weights of length `longest - r`, zero beyond it
 */
export function gpoTable(params: Gpo<Tensor>, longest: number): Tensor {
  const lengths = Int32Array.from({ length: longest }, (_, i) => longest - i);
  const { source, target, position, recurrence } = layoutOf(lengths, [longest], 'time');
  const int32 = (data: Int32Array) => constant(data, [data.length], 'int32');
  const codes = gather(positionCodes(longest), int32(position));
  const states = biGru(
    params.gru,
    codes,
    { counts: int32(recurrence!.counts), reverse: int32(recurrence!.reverse) },
    'mean',
  );
  const layout = {
    groups: [{ count: longest, width: longest, lengths: int32(lengths) }],
    batch: longest,
    moves: { source: int32(source), target: int32(target) },
  };
  const [{ x, mask }] = padGroups({ rows: linear(params.score, states), layout });
  return softmax(maskLogits(multiply(squeeze(x, -1), 1 / temperature), mask!));
}

/**
 * Pools one group.
 *
 * @param table from `gpoTable`, or its values as a constant; at least as wide as the group
 * @returns [count, d]
 */
export function gpoPool(group: Padded, table: Tensor): Tensor {
  const [count, places, d] = group.x.shape;
  const rows = gather(table, subtract(table.shape[0] as number, group.lengths));
  const weights = unsqueeze(firstColumns(rows, places), 1);
  // A product, so that no tensor of weighted values lies between.
  return reshape(matmul(weights, sort(lowered(group), 1)), [count, d]);
}

/** The first columns of a matrix; how many may be known only when the graph runs. */
function firstColumns(x: Tensor, count: Dim): Tensor {
  return typeof count === 'number' ? slice(x, 1, 0, count) : transpose(gather(transpose(x), iota(count)));
}

/** Codes of positions [longest, 32]: sin(p / 10000^(2i/32)) in even columns 2i, cos in the odd ones after them. */
function positionCodes(longest: number): Tensor {
  const codes = new Float64Array(longest * width);
  for (let p = 0; p < longest; p++) {
    for (let i = 0; i < width; i += 2) {
      const angle = p * 10000 ** (-i / width);
      codes[p * width + i] = Math.sin(angle);
      codes[p * width + i + 1] = Math.cos(angle);
    }
  }
  return constant(codes, [longest, width]);
}
