/** @file Layer norm, and batch norm over packed rows. */
import { add, divide, maximum, multiply, sqrt, stopGradient, subtract } from '../graph/ops/elementwise.ts';
import { sizeOf } from '../graph/ops/leaves.ts';
import { layerNorm as normalise } from '../graph/ops/normalise.ts';
import { mean, sumSquares } from '../graph/ops/reduce.ts';
import type { Tensor } from '../graph/tensor.ts';
import { ones, zeros } from './initialisers.ts';
import { type ParameterSpec, parameter } from './parameters.ts';

/** Scale and shift of a norm, each [width]. */
export type Norm<L> = { readonly scale: L; readonly shift: L };
/** Running statistics of a batch norm, each [width]: state, not parameters. */
export type RunningStatistics<L> = { readonly mean: L; readonly variance: L };

export function normParameters(width: number): Norm<ParameterSpec> {
  return { scale: parameter([width], ones), shift: parameter([width], zeros) };
}

export function runningStatistics(width: number): RunningStatistics<ParameterSpec> {
  return { mean: parameter([width], zeros), variance: parameter([width], ones) };
}

/** (x - mean) / sqrt(variance + epsilon) * scale + shift along the last axis. */
export function layerNorm({ scale, shift }: Norm<Tensor>, x: Tensor, epsilon = 1e-5): Tensor {
  return normalise(x, scale, shift, epsilon);
}

/**
 * Batch norm of training: statistics are those of the rows. Packed rows hold no padding, so none enters them.
 *
 *     y = (x - mean) / sqrt(variance + epsilon) * scale + shift             variance: biased, / N
 *     running' = running + momentum (batch's - running)                     variance: unbiased, / (N - 1)
 *
 * @param x [N, width]
 * @returns y [N, width] and the running statistics after this step, through which no gradient flows
 */
export function batchNormTraining(
  { scale, shift }: Norm<Tensor>,
  running: RunningStatistics<Tensor>,
  x: Tensor,
  { epsilon = 1e-5, momentum = 0.1 } = {},
): { y: Tensor; running: RunningStatistics<Tensor> } {
  const rows = sizeOf(x.shape[0]);
  const average = mean(x, 0);
  const centred = subtract(x, average);
  const squares = sumSquares(centred, 0);
  const factor = divide(scale, sqrt(add(divide(squares, rows), epsilon)));
  const follow = (old: Tensor, now: Tensor) => add(old, multiply(subtract(stopGradient(now), old), momentum));
  return {
    y: add(multiply(centred, factor), shift),
    running: {
      mean: follow(running.mean, average),
      variance: follow(running.variance, divide(squares, maximum(subtract(rows, 1), 1))),
    },
  };
}

/** Batch norm of inference: statistics are the running ones, so that it is one product and one sum. */
export function batchNorm(
  { scale, shift }: Norm<Tensor>,
  running: RunningStatistics<Tensor>,
  x: Tensor,
  epsilon = 1e-5,
): Tensor {
  const factor = divide(scale, sqrt(add(running.variance, epsilon)));
  return add(multiply(x, factor), subtract(shift, multiply(running.mean, factor)));
}

/** Batch norm by the statistics of the rows in training, by the running ones else. @returns y and the running ones afterwards */
export function batchNormIn(
  { training }: { readonly training: boolean },
  params: Norm<Tensor>,
  running: RunningStatistics<Tensor>,
  x: Tensor,
): { y: Tensor; running: RunningStatistics<Tensor> } {
  return training ? batchNormTraining(params, running, x) : { y: batchNorm(params, running, x), running };
}
