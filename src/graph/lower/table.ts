/** @file ONNX lowerings: the nodes that compute each operator in ONNX Runtime. */
import { mix } from '../../random/hash.ts';
import type { OpName } from '../attributes.ts';
import { firstMultiplier, golden, secondMultiplier } from '../random.ts';
import type { Node } from '../tensor.ts';
import { type Emitter, elementTypeOf } from './emitter.ts';
import { lowerGru, lowerGruGradient, lowerGruPadded } from './recurrent.ts';
import { fitsNetwork, lowerSortNetwork } from './sorting.ts';

/** Emits nodes for an operator; returns the names of its outputs. */
type Lowering<K extends OpName> = (emitter: Emitter, node: Node<K>, inputs: string[]) => string[];

/** An operator that is one ONNX operator of the same operands. */
const direct =
  (op: string) =>
  (emitter: Emitter, _: Node, inputs: string[]): string[] => [emitter.one(op, inputs)];

const reduction =
  (op: string) =>
  (emitter: Emitter, node: Node<'sum'> | Node<'sumSquares'> | Node<'max'>, [x]: string[]): string[] => [
    emitter.one(op, [x, emitter.ints(node.attributes.axes)], { keepdims: node.attributes.keepDims ? 1 : 0 }),
  ];

export const lowerings: { readonly [K in OpName]: Lowering<K> } = {
  input: (_, { attributes: { name } }) => [name],
  constant: (emitter, { attributes: { shape, dtype, data } }) => [emitter.constant(elementTypeOf(dtype), shape, data)],
  iota: (emitter, { attributes: { size } }) => {
    const scalarSize = emitter.one('Squeeze', [emitter.dim(size)]);
    const [zero, one] = [0, 1].map((value) => emitter.constant('int64', [], BigInt64Array.of(BigInt(value))));
    return [emitter.cast(emitter.one('Range', [zero, scalarSize, one]), 'int32')];
  },
  size: (emitter, { attributes: { size } }) => [emitter.cast(emitter.one('Squeeze', [emitter.dim(size)]), 'float32')],
  uniform: lowerUniform,

  negate: direct('Neg'),
  absolute: direct('Abs'),
  sign: direct('Sign'),
  exp: direct('Exp'),
  log: direct('Log'),
  sqrt: direct('Sqrt'),
  floor: direct('Floor'),
  sin: direct('Sin'),
  cos: direct('Cos'),
  tanh: direct('Tanh'),
  sigmoid: direct('Sigmoid'),
  relu: direct('Relu'),
  softplus: direct('Softplus'),
  erf: direct('Erf'),
  not: direct('Not'),
  cast: (emitter, { attributes: { dtype } }, [x]) => [emitter.cast(x, elementTypeOf(dtype))],
  stopGradient: (_, __, inputs) => inputs,

  add: direct('Add'),
  subtract: direct('Sub'),
  multiply: direct('Mul'),
  divide: direct('Div'),
  maximum: direct('Max'),
  minimum: direct('Min'),
  equal: direct('Equal'),
  greater: direct('Greater'),
  greaterOrEqual: direct('GreaterOrEqual'),
  and: direct('And'),
  or: direct('Or'),
  where: direct('Where'),

  sum: reduction('ReduceSum'),
  sumSquares: reduction('ReduceSumSquare'),
  max: reduction('ReduceMax'),
  argMax: (emitter, { attributes: { axis } }, [x]) => [
    emitter.cast(emitter.one('ArgMax', [x], { axis, keepdims: 0 }), 'int32'),
  ],

  matmul: lowerProduct,

  reshape: (emitter, node, [x]) => {
    // One size that is not known yet can be worked out by ONNX from the number of elements.
    const { shape } = node.attributes;
    const open = shape.filter((dim) => typeof dim === 'string').length;
    const target =
      open === 1 ? emitter.ints(shape.map((dim) => (typeof dim === 'string' ? -1 : dim))) : emitter.shape(shape);
    return [emitter.one('Reshape', [x, target], { allowzero: shape.includes(0) ? 1 : 0 })];
  },
  transpose: (emitter, { attributes: { permutation } }, [x]) => [emitter.one('Transpose', [x], { perm: permutation })],
  expand: (emitter, { attributes: { shape } }, [x]) => [emitter.one('Expand', [x, emitter.shape(shape)])],
  slice: (emitter, { attributes: { axis, start, end } }, [x]) => [
    emitter.one('Slice', [x, emitter.ints([start]), emitter.ints([end]), emitter.ints([axis])]),
  ],
  concat: (emitter, { attributes: { axis } }, inputs) => [emitter.one('Concat', inputs, { axis })],
  split: (emitter, { attributes: { axis, sizes } }, [x]) =>
    emitter.many('Split', [x, emitter.shape(sizes)], { axis }, sizes.length),
  // Reshape checks the number of elements when the graph runs.
  refine: (emitter, { attributes: { shape } }, [x]) => [
    emitter.one('Reshape', [x, emitter.shape(shape)], { allowzero: 1 }),
  ],
  pad: (emitter, { attributes: { axis, before, after } }, [x]) => [
    emitter.one('Pad', [x, emitter.ints([before, after]), '', emitter.ints([axis])]),
  ],

  gather: (emitter, _, [table, indices]) => [emitter.one('Gather', [table, indices], { axis: 0 })],
  scatterAdd: (emitter, node, [indices, updates]) => {
    // ScatterElements adds in order, in one thread: repeated rows sum the same way every time.
    const { shape } = node.inputs[1];
    const column = emitter.one('Reshape', [indices, emitter.ints([-1, ...shape.slice(1).map(() => 1)])]);
    const everywhere = emitter.one('Expand', [column, emitter.one('Shape', [updates])]);
    const zeros = emitter.one('Expand', [emitter.float(0), emitter.shape(node.outputs[0].shape)]);
    return [emitter.one('ScatterElements', [zeros, everywhere, updates], { axis: 0, reduction: 'add' })];
  },
  repack: (emitter, node, [x, source]) => {
    if (!node.attributes.holes) return [emitter.one('Gather', [x, source], { axis: 0 })];
    // Index -1 reads the last row: one row of zeros is put there.
    const pads = emitter.ints(
      node.inputs[0].shape.flatMap(() => 0).concat(node.inputs[0].shape.map((_, i) => (i === 0 ? 1 : 0))),
    );
    return [
      emitter.one('Gather', [emitter.once(`zero row ${x}`, () => [emitter.one('Pad', [x, pads])])[0], source], {
        axis: 0,
      }),
    ];
  },
  takeAlong: (emitter, { attributes: { axis } }, inputs) => [emitter.one('GatherElements', inputs, { axis })],
  scatterAlong: (emitter, node, [indices, updates]) => {
    const zeros = emitter.one('Expand', [emitter.float(0), emitter.shape(node.outputs[0].shape)]);
    return [
      emitter.one('ScatterElements', [zeros, indices, updates], { axis: node.attributes.axis, reduction: 'add' }),
    ];
  },

  topK: (emitter, node, [x]) => lowerTopK(emitter, node, x, emitter.ints([node.attributes.k])),
  sort: (emitter, node, [x]) => {
    const { axis } = node.attributes;
    const [{ shape }] = node.inputs;
    if (!emitter.isRead(node.outputs[1]) && fitsNetwork(shape, axis)) {
      return [lowerSortNetwork(emitter, x, shape, axis), ''];
    }
    return lowerTopK(emitter, node, x, emitter.one('Shape', [x], { start: axis, end: axis + 1 }));
  },
  cumulativeMax: lowerCumulativeMax,
  cumulativeSum: (emitter, { attributes: { axis, reverse } }, [x]) => [
    emitter.one('CumSum', [x, emitter.constant('int64', [], BigInt64Array.of(BigInt(axis)))], {
      reverse: reverse ? 1 : 0,
    }),
  ],

  softmax: (emitter, _, [x]) => [emitter.one('Softmax', [x], { axis: -1 })],
  logSoftmax: (emitter, _, [x]) => [emitter.one('LogSoftmax', [x], { axis: -1 })],
  layerNorm: (emitter, { attributes: { epsilon } }, inputs) =>
    emitter.many('LayerNormalization', inputs, { axis: -1, epsilon: { float: epsilon } }, 3),

  gru: (emitter, node, inputs) => lowerGru(emitter, inputs, node.attributes.steps, node.inputs[1].shape[1] as number),
  gruPadded: (emitter, node, inputs) =>
    lowerGruPadded(emitter, inputs, node.inputs[1].shape[0] as number, node.attributes.reverse),
  gruGradient: (emitter, node, inputs) =>
    lowerGruGradient(emitter, inputs, node.attributes.steps, node.inputs[1].shape[1] as number),
};

/** Two matrices: Gemm, which takes transposed sides. Batches: FusedMatMul likewise, or a Transpose before MatMul if portable. */
function lowerProduct(emitter: Emitter, node: Node<'matmul'>, [a, b]: string[]): string[] {
  const { transposeA, transposeB } = node.attributes;
  const [left, right] = node.inputs;
  if (left.shape.length === 2 && right.shape.length === 2) {
    return [emitter.one('Gemm', [a, b], { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 })];
  }
  if (!transposeA && !transposeB) return [emitter.one('MatMul', [a, b])];
  if (!emitter.target.portable) {
    return [
      emitter.one('FusedMatMul', [a, b], { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 }, 'com.microsoft'),
    ];
  }
  const turned = (name: string, rank: number) => {
    const axes = Array.from({ length: rank }, (_, i) => i);
    return emitter.one('Transpose', [name], { perm: [...axes.slice(0, -2), rank - 1, rank - 2] });
  };
  return [
    emitter.one('MatMul', [
      transposeA ? turned(a, left.shape.length) : a,
      transposeB ? turned(b, right.shape.length) : b,
    ]),
  ];
}

/**
 * TopK divides by the number of lines, so a tensor that may be empty gets one more line along an axis of unknown size, which is
 * cut off again.
 */
function lowerTopK(emitter: Emitter, node: Node<'topK'> | Node<'sort'>, x: string, k: string): string[] {
  const { axis } = node.attributes;
  const open = node.inputs[0].shape.findIndex((dim, i) => typeof dim === 'string' && i !== axis);
  const axes = emitter.ints([open]);
  const lines = open < 0 ? x : emitter.one('Pad', [x, emitter.ints([0, 1]), '', axes]);
  const [values, positions] = emitter.many('TopK', [lines, k], { axis, largest: 1, sorted: 1 }, 2);
  const results = [values, emitter.cast(positions, 'int32')];
  if (open < 0) return results;
  return results.map((name) => emitter.one('Slice', [name, emitter.ints([0]), emitter.ints([-1]), axes]));
}

/** The integers of random.ts: multiplications wrap in int32, shifts and exclusive ors are those of uint32. */
function lowerUniform(emitter: Emitter, node: Node<'uniform'>, [key]: string[]): string[] {
  const { shape, stream } = node.attributes;
  const int = (value: number) => emitter.constant('int32', [], Int32Array.of(value));
  const unsigned = (value: number) => emitter.constant('uint32', [], Uint32Array.of(value >>> 0));
  const multiply = (x: string, by: number) => emitter.one('Mul', [x, int(by)]);
  const xorShifted = (x: string, by: number) => {
    const bits = emitter.cast(x, 'uint32');
    return emitter.cast(emitter.one('BitwiseXor', [bits, shifted(bits, by)]), 'int32');
  };
  const shifted = (bits: string, by: number) => emitter.one('BitShift', [bits, unsigned(by)], { direction: 'RIGHT' });
  const finalised = (x: string) =>
    xorShifted(multiply(xorShifted(multiply(xorShifted(x, 16), firstMultiplier), 13), secondMultiplier), 16);

  // seed = mix(key ^ mix(stream)); mix(stream) is known now.
  const seed = finalised(emitter.one('BitwiseXor', [key, int(mix(stream) | 0)]));

  const total = emitter.one('ReduceProd', [emitter.shape(shape)], { keepdims: 0 });
  const [zero, one] = [0, 1].map((value) => emitter.constant('int64', [], BigInt64Array.of(BigInt(value))));
  const positions = emitter.cast(emitter.one('Range', [zero, total, one]), 'int32');
  const first = multiply(xorShifted(emitter.one('Add', [multiply(positions, golden), seed]), 16), firstMultiplier);
  const second = multiply(xorShifted(emitter.one('BitwiseXor', [first, seed]), 13), secondMultiplier);
  const bits = emitter.cast(xorShifted(second, 16), 'uint32');
  const fraction = emitter.one('Mul', [emitter.cast(shifted(bits, 8), 'float32'), emitter.float(1 / 16777216)]);
  return [emitter.one('Reshape', [fraction, emitter.shape(shape)])];
}

/** Doubling: after round s each position knows the largest of itself and the 2s - 1 before it; earlier positions win ties. */
function lowerCumulativeMax(emitter: Emitter, node: Node<'cumulativeMax'>, [x]: string[]): string[] {
  const { axis, reverse } = node.attributes;
  const [{ shape }] = node.inputs;
  const size = shape[axis] as number;
  const line = emitter.constant(
    'int32',
    shape.map((_, i) => (i === axis ? size : 1)),
    Int32Array.from({ length: size }, (_, i) => i),
  );
  let values = x;
  let positions = emitter.one('Expand', [line, emitter.shape(shape)]);
  for (let by = 1; by < size; by *= 2) {
    const pads = emitter.ints(reverse ? [-by, by] : [by, -by]);
    const axes = emitter.ints([axis]);
    const before = emitter.one('Pad', [values, pads, emitter.float(Number.NEGATIVE_INFINITY), axes]);
    const where = emitter.one('Pad', [positions, pads, emitter.constant('int32', [], Int32Array.of(0)), axes]);
    const wins = emitter.one('GreaterOrEqual', [before, values]);
    values = emitter.one('Where', [wins, before, values]);
    positions = emitter.one('Where', [wins, where, positions]);
  }
  return [values, positions];
}
