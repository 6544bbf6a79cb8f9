/** @file Recurrent layers over packed, time-major rows (layout.ts, order 'time'), and over padded sequences for export. */
import { add, multiply } from '../graph/ops/elementwise.ts';
import { repack } from '../graph/ops/indexing.ts';
import { linear } from '../graph/ops/product.ts';
import { gruPadded as paddedStates, gru as states } from '../graph/ops/recurrent.ts';
import { concat } from '../graph/ops/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { uniformWithin } from './initialisers.ts';
import { type ParameterSpec, parameter } from './parameters.ts';
import type { Recurrence } from './ragged.ts';

/** One direction: weights [3 width, input] and [3 width, width], biases [3 width]; gates in the order reset, update, new. */
export type Gru<L> = {
  readonly inputWeight: L;
  readonly recurrentWeight: L;
  readonly inputBias: L;
  readonly recurrentBias: L;
};
export type BiGru<L> = { readonly forward: Gru<L>; readonly backward: Gru<L> };

/** How the two directions become one vector: their mean [width], or both [2 width], forward first. */
export type Directions = 'mean' | 'concat';

/** Parameters of one direction, uniform in ±1/sqrt(width). */
export function gruParameters(input: number, width: number): Gru<ParameterSpec> {
  const init = uniformWithin(1 / Math.sqrt(width));
  return {
    inputWeight: parameter([3 * width, input], init),
    recurrentWeight: parameter([3 * width, width], init),
    inputBias: parameter([3 * width], init),
    recurrentBias: parameter([3 * width], init),
  };
}

/** Parameters of both directions. */
export function biGruParameters(input: number, width: number): BiGru<ParameterSpec> {
  return { forward: gruParameters(input, width), backward: gruParameters(input, width) };
}

/**
 * One direction, from the beginning of each sequence.
 *
 * @param x [N, input], rows in time order
 * @returns states [N, width]
 */
export function gru(params: Gru<Tensor>, x: Tensor, { counts }: Pick<Recurrence, 'counts'>): Tensor {
  const gates = linear(x, params.inputWeight, params.inputBias);
  return states(gates, params.recurrentWeight, params.recurrentBias, counts);
}

/**
 * Both directions. The backward one reads the rows of each sequence turned round.
 *
 * @param x [N, input], rows in time order
 * @returns [N, width], or [N, 2 width] if concatenated
 */
export function biGru(params: BiGru<Tensor>, x: Tensor, recurrence: Recurrence, directions: Directions): Tensor {
  const turned = (rows: Tensor) =>
    repack(rows, recurrence.reverse, recurrence.reverse, { source: false, target: false });
  const forward = gru(params.forward, x, recurrence);
  return combined(forward, turned(gru(params.backward, turned(x), recurrence)), directions);
}

/**
 * Both directions over padded sequences, for graphs that take plain padded input. It has no gradient.
 *
 * @param x [batch, steps, input]
 * @param lengths int32 [batch]
 * @returns [batch, steps, width or 2 width], zero beyond each length
 */
export function biGruPadded(params: BiGru<Tensor>, x: Tensor, lengths: Tensor, directions: Directions): Tensor {
  const run = ({ inputWeight, recurrentWeight, inputBias, recurrentBias }: Gru<Tensor>, reverse: boolean) =>
    paddedStates(x, { inputWeight, recurrent: recurrentWeight, inputBias, bias: recurrentBias }, lengths, reverse);
  return combined(run(params.forward, false), run(params.backward, true), directions);
}

function combined(forward: Tensor, backward: Tensor, directions: Directions): Tensor {
  return directions === 'mean' ? multiply(add(forward, backward), 0.5) : concat([forward, backward], -1);
}
