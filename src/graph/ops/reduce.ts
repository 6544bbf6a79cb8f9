/** @file Sums, means, maxima, softmax and log-sum-exp, with their masked forms. */
import { applyOne } from '../apply.ts';
import { elementCount } from '../dims.ts';
import type { Tensor } from '../tensor.ts';
import {
  add,
  cast,
  divide,
  exp,
  log,
  maximum,
  multiply,
  negate,
  sqrt,
  stopGradient,
  subtract,
  where,
} from './elementwise.ts';
import { sizeOf } from './leaves.ts';
import { axisOf, transpose } from './shape.ts';

/** One axis, several, or all of them if undefined; negative axes count from the end. */
export type Axes = number | readonly number[] | undefined;

/** Stands for minus infinity where a masked entry must not win nor count: far below any logit, yet finite. */
export const maskedLogit = -1e9;

function axesOf(x: Tensor, axes: Axes): number[] {
  if (axes === undefined) return x.shape.map((_, i) => i);
  return (typeof axes === 'number' ? [axes] : [...axes]).map((axis) => axisOf(x, axis)).sort((a, b) => a - b);
}

/** Sum over axes. */
export function sum(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  const list = axesOf(x, axes);
  return list.length === 0 ? x : applyOne('sum', [x], { axes: list, keepDims });
}

/** Sum of squares over axes, without a tensor of squares in between. */
export function sumSquares(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  return applyOne('sumSquares', [x], { axes: axesOf(x, axes), keepDims });
}

/** Mean over axes. */
export function mean(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  const count = elementCount(axesOf(x, axes).map((axis) => x.shape[axis]));
  const total = sum(x, axes, keepDims);
  return typeof count === 'number' ? multiply(total, 1 / count) : divide(total, sizeOf(count));
}

/** Largest element over axes. Equal largest elements share the gradient equally. */
export function max(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  return applyOne('max', [x], { axes: axesOf(x, axes), keepDims });
}

/** Smallest element over axes. */
export function min(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  return negate(max(negate(x), axes, keepDims));
}

/** int32 position of the largest element along an axis. */
export function argMax(x: Tensor, axis: number): Tensor {
  return applyOne('argMax', [x], { axis: axisOf(x, axis) });
}

/** Where the mask does not hold, a logit that neither wins nor counts. */
export function maskLogits(x: Tensor, mask: Tensor): Tensor {
  return where(mask, x, maskedLogit);
}

/** Sum over the entries where a boolean mask (broadcast) holds. */
export function maskedSum(x: Tensor, mask: Tensor, axes?: Axes, keepDims = false): Tensor {
  return sum(where(mask, x, 0), axes, keepDims);
}

/** Mean over the entries where a boolean mask of the same shape holds; 0 where none does. */
export function maskedMean(x: Tensor, mask: Tensor, axes?: Axes, keepDims = false): Tensor {
  const count = sum(cast(mask, 'float32'), axes, keepDims);
  return divide(maskedSum(x, mask, axes, keepDims), where(cast(count, 'bool'), count, 1));
}

/** e^x / sum e^x along an axis (the last unless given). */
export function softmax(x: Tensor, axis = -1): Tensor {
  return alongLast(x, axis, (rows) => applyOne('softmax', [rows], {}));
}

/** log softmax along an axis (the last unless given). */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return alongLast(x, axis, (rows) => applyOne('logSoftmax', [rows], {}));
}

/** log sum e^x over an axis, without overflow. */
export function logSumExp(x: Tensor, axis: number, keepDims = false): Tensor {
  const top = stopGradient(max(x, axis, true));
  const rest = log(sum(exp(subtract(x, top)), axis, true));
  const result = add(top, rest);
  return keepDims ? result : sum(result, axis);
}

/** x / max(||x||, epsilon) along the last axis. */
export function l2Normalize(x: Tensor, epsilon = 1e-12): Tensor {
  return divide(x, maximum(norm(x), epsilon));
}

/** Euclidean length along the last axis, which is kept with size 1. */
export function norm(x: Tensor): Tensor {
  return sqrt(sumSquares(x, -1, true));
}

/** Applies a function of the last axis along another one. */
function alongLast(x: Tensor, axis: number, apply: (rows: Tensor) => Tensor): Tensor {
  const at = axisOf(x, axis);
  const last = x.shape.length - 1;
  if (at === last) return apply(x);
  const swap = x.shape.map((_, i) => (i === at ? last : i === last ? at : i));
  return transpose(apply(transpose(x, swap)), swap);
}
