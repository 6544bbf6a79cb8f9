/** @file Rows and elements by index. */
import { apply, applyOne } from '../apply.ts';
import type { Dim } from '../dims.ts';
import type { Tensor } from '../tensor.ts';
import { axisOf } from './shape.ts';

/** Rows of a table [n, ...] by int32 indices [m...]: [m..., ...]. Rows taken several times add their gradients. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  return applyOne('gather', [table, indices], {});
}

/** A table [rows, ...] of zeros to which updates [m, ...] are added at int32 indices [m]. */
export function scatterAdd(indices: Tensor, updates: Tensor, rows: Dim): Tensor {
  return applyOne('scatterAdd', [indices, updates], { rows });
}

/**
 * Rows moved to new places, each at most once: row i is x[source[i]], or zero where source[i] is -1.
 *
 * @param source int32 [m]
 * @param target int32 [n]: where each row of x went, or -1; the inverse of `source`, so that the gradient is a gather too
 * @param holes whether `source` (and whether `target`) may hold -1; without holes a copy is saved
 */
export function repack(x: Tensor, source: Tensor, target: Tensor, holes = { source: true, target: true }): Tensor {
  return applyOne('repack', [x, source, target], { holes: holes.source, inverseHoles: holes.target });
}

/** Elements along an axis by int32 indices of the same rank. */
export function takeAlong(x: Tensor, indices: Tensor, axis: number): Tensor {
  return applyOne('takeAlong', [x, indices], { axis: axisOf(x, axis) });
}

/** The k largest along an axis in descending order, and their int32 positions. */
export function topK(x: Tensor, k: number, axis = -1): { values: Tensor; indices: Tensor } {
  const [values, indices] = apply('topK', [x], { axis: axisOf(x, axis), k });
  return { values, indices };
}

/** All elements along an axis in descending order. */
export function sort(x: Tensor, axis = -1): Tensor {
  return apply('sort', [x], { axis: axisOf(x, axis) })[0];
}

/** Running maximum along an axis. */
export function cumulativeMax(x: Tensor, axis: number, reverse = false): Tensor {
  return apply('cumulativeMax', [x], { axis: axisOf(x, axis), reverse })[0];
}

/** Running sum along an axis. */
export function cumulativeSum(x: Tensor, axis: number, reverse = false): Tensor {
  return applyOne('cumulativeSum', [x], { axis: axisOf(x, axis), reverse });
}
