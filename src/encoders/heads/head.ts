/**
 * @file A small head over one stored vector: standardised, dropped out, one linear map or two.
 *
 *     z = drop((x - mean) / deviation)        linear: y = W z + b        two maps: y = W₂ drop(gelu(W₁ z + b₁)) + b₂
 *
 * Mean and deviation are those of the training data. They are buffers, so that they are in checkpoints and in exported models.
 */
import { divide, gelu, subtract } from '../../graph/ops/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type Dropout, dropout } from '../../nn/dropout.ts';
import { kaimingUniform, ones, uniformWithin, zeros } from '../../nn/initialisers.ts';
import { type Linear, linear, linearParameters } from '../../nn/linear.ts';
import { type ParameterSpec, parameter } from '../../nn/parameters.ts';

export interface HeadShape {
  /** Length of the stored vectors. */
  readonly width: number;
  /** Width between two maps; 0 for a single one. */
  readonly hidden: number;
  /** Length of the vectors that come out. */
  readonly dimension: number;
}

export type HeadParameters<L> = { readonly hidden?: Linear<L>; readonly output: Linear<L> };

/** Of the stored vectors, each [width]. */
export type Statistics<L> = { readonly mean: L; readonly deviation: L };

export function headParameters({ width, hidden, dimension }: HeadShape): HeadParameters<ParameterSpec> {
  if (hidden === 0) return { output: mapOf(width, dimension) };
  return { hidden: mapOf(width, hidden), output: mapOf(hidden, dimension) };
}

/** Before anything is known of the data: what leaves vectors as they are. */
export function statisticsBuffers(width: number): Statistics<ParameterSpec> {
  return { mean: parameter([width], zeros), deviation: parameter([width], ones) };
}

/** Weight and bias within 1 / sqrt(input), as PyTorch's linear layers begin. */
function mapOf(input: number, output: number): Linear<ParameterSpec> {
  return linearParameters(input, output, kaimingUniform(Math.sqrt(5)), uniformWithin(1 / Math.sqrt(input)));
}

/**
 * @param x [count, width]
 * @param drop of training: share of the standardised numbers, and of the hidden ones
 * @param stream prefix of the random streams
 * @returns [count, dimension]
 */
export function head(
  params: HeadParameters<Tensor>,
  { mean, deviation }: Statistics<Tensor>,
  x: Tensor,
  drop: Dropout | undefined,
  stream: string,
): Tensor {
  const z = dropout(divide(subtract(x, mean), deviation), drop, `${stream}.input`);
  if (!params.hidden) return linear(params.output, z);
  return linear(params.output, dropout(gelu(linear(params.hidden, z)), drop, `${stream}.hidden`));
}
