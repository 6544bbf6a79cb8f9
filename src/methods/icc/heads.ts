/** @file The uni-modal heads: perceptrons over the towers' outputs, for the contrast of two views. Nothing of them is exported. */
import { relu } from '../../graph/ops/elementwise.ts';
import { scalar } from '../../graph/ops/leaves.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type Linear, linear, linearParameters } from '../../nn/linear.ts';
import { batchNormTraining, layerNorm, type Norm, normParameters } from '../../nn/norm.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';

export interface HeadOptions {
  /** Width of both inner layers. */
  readonly hidden: number;
  /** Length of the vectors that are contrasted. */
  readonly output: number;
  /** Batch norm as in SLIP; layer norm makes items independent of each other. */
  readonly norm: 'batch' | 'layer';
}

export type Head<L> = {
  readonly first: Linear<L>;
  readonly firstNorm: Norm<L>;
  readonly second: Linear<L>;
  readonly secondNorm: Norm<L>;
  readonly last: Linear<L>;
};

/** @param input width of the tower's output */
export function headParameters(input: number, { hidden, output }: HeadOptions): Head<ParameterSpec> {
  return {
    first: linearParameters(input, hidden),
    firstNorm: normParameters(hidden),
    second: linearParameters(hidden, hidden),
    secondNorm: normParameters(hidden),
    last: linearParameters(hidden, output),
  };
}

/**
 *     z = norm( W₃ ReLU(N(W₂ ReLU(N(W₁ x)))) ),   N: batch norm, or layer norm        (SLIP)
 *
 * The views are normed apart, each by its own statistics. Running statistics are not kept: the head never sees one item alone.
 *
 * @param x [B, input], pooled outputs of a tower
 * @returns [B, output], unit length
 */
export function headVectors(head: Head<Tensor>, x: Tensor, { norm }: HeadOptions): Tensor {
  const unused = { mean: scalar(0), variance: scalar(1) };
  const normed = (params: Norm<Tensor>, y: Tensor) =>
    norm === 'layer' ? layerNorm(params, y) : batchNormTraining(params, unused, y).y;
  const inner = relu(normed(head.firstNorm, linear(head.first, x)));
  const deeper = relu(normed(head.secondNorm, linear(head.second, inner)));
  return l2Normalize(linear(head.last, deeper));
}
