/** @file Tensors that are not computed from others: inputs, constants, positions, sizes, random numbers. */

import { mix } from '../../random/hash.ts';
import { applyOne } from '../apply.ts';
import type { DType } from '../attributes.ts';
import type { Dim, Shape } from '../dims.ts';
import { golden } from '../random.ts';
import type { Tensor } from '../tensor.ts';
import { arrayFor } from '../values.ts';

/** A tensor or a number that stands for a float32 scalar. */
export type Operand = Tensor | number;

/** An input of the graph, fed by name. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  return applyOne('input', [], { name, shape: [...shape], dtype });
}

/** A constant from numbers, row by row. */
export function constant(
  data: ArrayLike<number>,
  shape: readonly number[] = [data.length],
  dtype: DType = 'float32',
): Tensor {
  return applyOne('constant', [], { shape: [...shape], dtype, data: arrayFor(dtype, data) });
}

/** A constant scalar. */
export function scalar(value: number, dtype: DType = 'float32'): Tensor {
  return constant([value], [], dtype);
}

/** The tensor, or the constant scalar of a number in the type of its partner. */
export function tensorOf(operand: Operand, partner?: Operand): Tensor {
  if (typeof operand !== 'number') return operand;
  return scalar(operand, typeof partner === 'object' && partner.dtype === 'int32' ? 'int32' : 'float32');
}

/** 0, 1, 2 … as int32 [size]. */
export function iota(size: Dim): Tensor {
  if (typeof size === 'number')
    return constant(
      Int32Array.from({ length: size }, (_, i) => i),
      [size],
      'int32',
    );
  return applyOne('iota', [], { size });
}

/** A size as a float32 scalar, known now or when the graph runs. */
export function sizeOf(size: Dim): Tensor {
  return typeof size === 'number' ? scalar(size) : applyOne('size', [], { size });
}

/**
 * Uniform numbers in [0, 1), a function of (key, stream, position) alone.
 *
 * @param key int32 scalar, different at each step
 * @param stream what the numbers are for; different names give independent numbers
 */
export function uniform(key: Tensor, stream: string, shape: Shape): Tensor {
  let number = golden;
  for (let i = 0; i < stream.length; i++) number = mix(number ^ stream.charCodeAt(i)) | 0;
  return applyOne('uniform', [key], { shape: [...shape], stream: number });
}
