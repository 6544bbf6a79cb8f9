/**
 * @file The operators of the graph and the attributes of each. Every table over operators (shape rules, gradient rules,
 * ONNX lowerings, reference evaluations) is typed by this list, so that a missing row does not compile.
 */
import type { Shape } from './dims.ts';

/** Element types. Arithmetic is float32; indices are int32; float16 and uint8 are storage for inputs, cast before use. */
export type DType = 'float32' | 'int32' | 'bool' | 'float16' | 'uint8';

type None = Record<string, never>;
type Axis = { readonly axis: number };
type Reduction = { readonly axes: readonly number[]; readonly keepDims: boolean };

export interface Attributes {
  // leaves
  input: { readonly name: string; readonly shape: Shape; readonly dtype: DType };
  constant: {
    readonly shape: readonly number[];
    readonly dtype: DType;
    readonly data: Float32Array | Int32Array | Uint8Array;
  };
  /** 0, 1, 2 … as int32 along one axis. */
  iota: { readonly size: Shape[number] };
  /** A size as a float32 scalar; of use when it is symbolic. */
  size: { readonly size: Shape[number] };
  /** Uniform numbers in [0, 1) as a function of (key, stream, position); input: int32 scalar key. */
  uniform: { readonly shape: Shape; readonly stream: number };

  // elementwise, one operand
  negate: None;
  absolute: None;
  sign: None;
  exp: None;
  log: None;
  sqrt: None;
  floor: None;
  sin: None;
  cos: None;
  tanh: None;
  sigmoid: None;
  relu: None;
  softplus: None;
  erf: None;
  not: None;
  cast: { readonly dtype: DType };
  stopGradient: None;

  // elementwise with broadcasting
  add: None;
  subtract: None;
  multiply: None;
  divide: None;
  maximum: None;
  minimum: None;
  equal: None;
  greater: None;
  greaterOrEqual: None;
  and: None;
  or: None;
  /** condition, then, otherwise. */
  where: None;

  // reductions
  sum: Reduction;
  sumSquares: Reduction;
  max: Reduction;
  argMax: Axis;

  // products
  /** Batched product of the last two axes, either side transposed. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };

  // shape
  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  expand: { readonly shape: Shape };
  slice: { readonly axis: number; readonly start: number; readonly end: number };
  concat: Axis;
  /** Cut along an axis into pieces of the given sizes, one output each. */
  split: { readonly axis: number; readonly sizes: Shape };
  /** The same tensor under another name for its sizes, where symbolic sizes are known to add up to them. */
  refine: { readonly shape: Shape };
  /** Zeros before and after along an axis. */
  pad: { readonly axis: number; readonly before: number; readonly after: number };

  // indexing
  /** Rows of a table: inputs table [n, …], indices int32 [m…]; output [m…, …]. */
  gather: None;
  /** Adds rows into a table of zeros: inputs indices int32 [m], updates [m, …]; output [rows, …]. */
  scatterAdd: { readonly rows: Shape[number] };
  /**
   * Rows moved to new places: inputs x [n, …], source int32 [m], target int32 [n]; output [m, …] with row i = x[source[i]],
   * zero where source[i] < 0. `target` is the inverse: where row j of x went, or -1. Its gradient is again a gather.
   */
  repack: { readonly holes: boolean; readonly inverseHoles: boolean };
  /** Elements along an axis: inputs x, indices int32 of the same rank. */
  takeAlong: Axis;
  /** The reverse of takeAlong: inputs indices, updates; adds into zeros of the given size along the axis. */
  scatterAlong: { readonly axis: number; readonly size: number };

  // order
  /** The k largest along an axis, in descending order: values and int32 indices. */
  topK: { readonly axis: number; readonly k: number };
  /** All values along an axis in descending order, and their int32 positions. */
  sort: Axis;
  /** Running maximum along an axis: values and the int32 position of each. */
  cumulativeMax: { readonly axis: number; readonly reverse: boolean };
  cumulativeSum: { readonly axis: number; readonly reverse: boolean };

  // normalisation along the last axis
  softmax: None;
  logSoftmax: None;
  /** inputs x, scale, shift; outputs y, mean, inverse standard deviation (the last two keep the axis with size 1). */
  layerNorm: { readonly epsilon: number };

  // recurrence over packed, time-major rows (see ops/recurrent.ts)
  gru: { readonly steps: number };
  gruGradient: { readonly steps: number };
  /** A GRU over padded sequences, for graphs that leave Diptych (see ops/recurrent.ts). */
  gruPadded: { readonly reverse: boolean };
}

export type OpName = keyof Attributes;
