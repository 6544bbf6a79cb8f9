/** @file Matrix products and the linear map. */
import { applyOne } from '../apply.ts';
import type { Tensor } from '../tensor.ts';
import { add } from './elementwise.ts';
import { reshape } from './shape.ts';

/**
 * Product of the last two axes; leading axes are broadcast.
 *
 * @param options which side is transposed: no transpose is then computed
 */
export function matmul(a: Tensor, b: Tensor, options: { transposeA?: boolean; transposeB?: boolean } = {}): Tensor {
  return applyOne('matmul', [a, b], {
    transposeA: options.transposeA ?? false,
    transposeB: options.transposeB ?? false,
  });
}

/**
 * x Wᵀ + b over the last axis, as one product of all rows.
 *
 * @param x [..., in]
 * @param weight [out, in]
 * @param bias [out], if any
 * @returns [..., out]
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const rows = x.shape.length === 2 ? x : reshape(x, [-1, x.shape[x.shape.length - 1]]);
  const product = matmul(rows, weight, { transposeB: true });
  const shifted = bias ? add(product, bias) : product;
  return x.shape.length === 2 ? shifted : reshape(shifted, [...x.shape.slice(0, -1), weight.shape[0]]);
}
