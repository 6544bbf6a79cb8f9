/** @file Shapes: reshaping, transposing, expanding, cutting, joining. */
import { DiptychError } from '../../errors/error.ts';
import { apply, applyOne } from '../apply.ts';
import { type Dim, elementCount, type Shape, sameShape, shapeText } from '../dims.ts';
import type { Tensor } from '../tensor.ts';

/** An axis counted from the end if negative, as a non-negative number. */
export function axisOf(x: Tensor, axis: number): number {
  return axis < 0 ? axis + x.shape.length : axis;
}

/**
 * The same elements in another shape.
 *
 * @param shape sizes; one of them may be -1 and is then worked out
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const open = shape.indexOf(-1);
  if (open < 0) return applyOne('reshape', [x], { shape: [...shape] });
  const total = elementCount(x.shape);
  const rest = elementCount(shape.filter((_, i) => i !== open));
  const size = quotient(total, rest, x.shape);
  if (size === undefined) {
    throw new DiptychError('DIPTYCH_GRAPH_SHAPE', {
      path: 'reshape',
      problem: `cannot reshape ${shapeText(x.shape)} to ${shapeText(shape)}`,
    });
  }
  return applyOne('reshape', [x], { shape: shape.map((dim, i) => (i === open ? size : dim)) });
}

/** total / rest where it is a whole number, or where leaving some sizes of the shape out gives `rest`. */
function quotient(total: Dim, rest: Dim, shape: Shape): Dim | undefined {
  if (typeof total === 'number' && typeof rest === 'number') return total % rest === 0 ? total / rest : undefined;
  for (let subset = 0; subset < 1 << shape.length; subset++) {
    const left = shape.filter((_, i) => (subset >> i) & 1);
    const right = shape.filter((_, i) => !((subset >> i) & 1));
    if (elementCount(left) === rest) return elementCount(right);
  }
  return undefined;
}

/** Axes in a new order; reversed if none is given. */
export function transpose(
  x: Tensor,
  permutation: readonly number[] = x.shape.map((_, i) => x.shape.length - 1 - i),
): Tensor {
  return applyOne('transpose', [x], { permutation: [...permutation] });
}

/** Repeated along axes of size 1 and new leading axes. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return applyOne('expand', [x], { shape: [...shape] });
}

/** A new axis of size 1. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  const at = axis < 0 ? axis + x.shape.length + 1 : axis;
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** Without an axis of size 1. */
export function squeeze(x: Tensor, axis: number): Tensor {
  return reshape(
    x,
    x.shape.filter((_, i) => i !== axisOf(x, axis)),
  );
}

/** Elements start to end (exclusive) along an axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const at = axisOf(x, axis);
  if (start === 0 && end === x.shape[at]) return x;
  return applyOne('slice', [x], { axis: at, start, end });
}

/** Joined along an axis. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  return tensors.length === 1 ? tensors[0] : applyOne('concat', tensors, { axis: axisOf(tensors[0], axis) });
}

/** Cut along an axis into pieces of the given sizes. */
export function split(x: Tensor, axis: number, sizes: Shape): readonly Tensor[] {
  return sizes.length === 1 ? [x] : apply('split', [x], { axis: axisOf(x, axis), sizes: [...sizes] });
}

/**
 * The same tensor under another name for its sizes: where symbolic sizes are known to add up to others, such as groups of
 * captions that together are the batch. The sizes are checked when the graph runs.
 */
export function refine(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : applyOne('refine', [x], { shape: [...shape] });
}

/** Zeros before and after along an axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  if (before === 0 && after === 0) return x;
  return applyOne('pad', [x], { axis: axisOf(x, axis), before, after });
}
