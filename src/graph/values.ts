/** @file Concrete tensors: those of the reference evaluation (float64) and those that ONNX Runtime reads and writes. */
import type { DType } from './attributes.ts';

/** A value of the reference evaluation. Booleans are 0 and 1; integers are exact. */
export interface Value {
  readonly shape: number[];
  readonly data: Float64Array;
}

export type TypedArray = Float32Array | Int32Array | Uint8Array | Uint16Array;

/** A tensor as it is fed, fetched and kept as state. float16 is raw 16-bit patterns, bool is bytes 0 and 1. */
export interface TensorData {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** An array of an element type holding the given numbers (or zeros, given a length). float16 is not converted. */
export function arrayFor(dtype: 'float32', content: ArrayLike<number> | number): Float32Array;
export function arrayFor(dtype: 'int32', content: ArrayLike<number> | number): Int32Array;
export function arrayFor(dtype: DType, content: ArrayLike<number> | number): Float32Array | Int32Array | Uint8Array;
export function arrayFor(dtype: DType, content: ArrayLike<number> | number): TypedArray {
  const type = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array, float16: Uint16Array }[
    dtype
  ];
  return typeof content === 'number' ? new type(content) : type.from(content);
}

/** Product of the sizes. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Row-major strides. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}
