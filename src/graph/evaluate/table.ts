/**
 * @file Reference evaluation: what each operator computes, in plain float64 TypeScript. It folds constants and is the oracle
 * that ONNX Runtime and the gradients are tested against, so it is written to be obviously right, not fast.
 */
import type { Attributes, OpName } from '../attributes.ts';
import { resolveDim } from '../dims.ts';
import { uniformAt } from '../random.ts';
import { countOf, stridesOf, type Value } from '../values.ts';
import { alongAxis, descendingOrder, logSoftmaxLine, runningMaximum, runningSum, softmaxLine } from './along.ts';
import { broadcastTo, erf, mapped, strided, zipped } from './elementwise.ts';
import { product, reduced, transposed } from './products.ts';
import { gruBackward, gruForward, gruPadded } from './recurrent.ts';

/** Values of symbolic sizes. */
export type Sizes = ReadonlyMap<string, number>;

type Evaluation<K extends OpName> = (inputs: readonly Value[], attributes: Attributes[K], sizes: Sizes) => Value[];

const unary =
  (f: (x: number) => number) =>
  ([x]: readonly Value[]): Value[] => [mapped(x, f)];

const elementwise =
  (f: (...elements: number[]) => number) =>
  (inputs: readonly Value[]): Value[] => [zipped(inputs, f)];

/** A line function that keeps the length, along an axis (the last one unless the attributes name one). */
const perLine =
  (f: (line: Float64Array, attributes: { reverse?: boolean }) => ArrayLike<number>) =>
  ([x]: readonly Value[], attributes: { axis?: number; reverse?: boolean }): Value[] => {
    const axis = attributes.axis ?? x.shape.length - 1;
    return alongAxis(x, axis, [x.shape[axis]], (line) => [f(line, attributes)]);
  };

const rowLength = (x: Value) => countOf(x.shape.slice(1));
const row = (x: Value, index: number) => x.data.subarray(index * rowLength(x), (index + 1) * rowLength(x));

export const evaluations: { readonly [K in OpName]: Evaluation<K> } = {
  input: () => {
    throw new Error('inputs are fed, not evaluated');
  },
  constant: (_, { shape, data }) => [{ shape: [...shape], data: Float64Array.from(data) }],
  iota: (_, { size }, sizes) => {
    const length = resolveDim(size, sizes);
    return [{ shape: [length], data: Float64Array.from({ length }, (_, i) => i) }];
  },
  size: (_, { size }, sizes) => [{ shape: [], data: Float64Array.of(resolveDim(size, sizes)) }],
  uniform: ([key], { shape, stream }, sizes) => {
    const resolved = shape.map((dim) => resolveDim(dim, sizes));
    return [
      {
        shape: resolved,
        data: Float64Array.from({ length: countOf(resolved) }, (_, i) => uniformAt(key.data[0], stream, i)),
      },
    ];
  },

  negate: unary((x) => -x),
  absolute: unary(Math.abs),
  sign: unary(Math.sign),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  floor: unary(Math.floor),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tanh: unary(Math.tanh),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  relu: unary((x) => Math.max(x, 0)),
  softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  erf: unary(erf),
  not: unary((x) => (x ? 0 : 1)),
  cast: ([x], { dtype }) => [
    mapped(x, dtype === 'bool' ? (v) => (v === 0 ? 0 : 1) : dtype === 'int32' ? Math.trunc : (v) => v),
  ],
  stopGradient: ([x]) => [x],

  add: elementwise((a, b) => a + b),
  subtract: elementwise((a, b) => a - b),
  multiply: elementwise((a, b) => a * b),
  divide: elementwise((a, b) => a / b),
  maximum: elementwise(Math.max),
  minimum: elementwise(Math.min),
  equal: elementwise((a, b) => (a === b ? 1 : 0)),
  greater: elementwise((a, b) => (a > b ? 1 : 0)),
  greaterOrEqual: elementwise((a, b) => (a >= b ? 1 : 0)),
  and: elementwise((a, b) => a * b),
  or: elementwise((a, b) => Math.max(a, b)),
  where: (inputs) => [zipped(inputs, (condition, a, b) => (condition ? a : b))],

  sum: ([x], { axes, keepDims }) => [reduced(x, axes, keepDims, 0, (sum, v) => sum + v)],
  sumSquares: ([x], { axes, keepDims }) => [reduced(x, axes, keepDims, 0, (sum, v) => sum + v * v)],
  max: ([x], { axes, keepDims }) => [reduced(x, axes, keepDims, Number.NEGATIVE_INFINITY, Math.max)],
  argMax: ([x], { axis }) => {
    const [result] = alongAxis(x, axis, [1], (line) => [[descendingOrder(line)[0]]]);
    return [{ shape: x.shape.filter((_, i) => i !== axis), data: result.data }];
  },

  matmul: ([a, b], { transposeA, transposeB }) => [product(a, b, transposeA, transposeB)],

  reshape: ([x], { shape }, sizes) => [{ shape: shape.map((dim) => resolveDim(dim, sizes)), data: x.data }],
  transpose: ([x], { permutation }) => [transposed(x, permutation)],
  expand: ([x], { shape }, sizes) => [
    broadcastTo(
      x,
      shape.map((dim) => resolveDim(dim, sizes)),
    ),
  ],
  slice: ([x], { axis, start, end }) => {
    const strides = stridesOf(x.shape);
    return [
      strided(
        x,
        x.shape.map((size, i) => (i === axis ? end - start : size)),
        strides,
        start * strides[axis],
      ),
    ];
  },
  concat: (inputs, { axis }) => {
    const shape = inputs[0].shape.map((size, i) =>
      i === axis ? inputs.reduce((sum, x) => sum + x.shape[axis], 0) : size,
    );
    const data = new Float64Array(countOf(shape));
    const inner = countOf(shape.slice(axis + 1));
    let at = 0;
    for (let outer = 0; outer < countOf(shape.slice(0, axis)); outer++) {
      for (const x of inputs) {
        const length = x.shape[axis] * inner;
        data.set(x.data.subarray(outer * length, (outer + 1) * length), at);
        at += length;
      }
    }
    return [{ shape, data }];
  },
  split: ([x], { axis, sizes }, bound) => {
    let start = 0;
    return sizes.map((size) => {
      const end = start + resolveDim(size, bound);
      const [piece] = evaluations.slice([x], { axis, start, end }, bound);
      start = end;
      return piece;
    });
  },
  refine: ([x], { shape }, sizes) => {
    const expected = shape.map((dim) => resolveDim(dim, sizes));
    if (expected.some((size, i) => size !== x.shape[i])) throw new RangeError(`[${x.shape}] is not [${expected}]`);
    return [x];
  },
  pad: ([x], { axis, before, after }) =>
    alongAxis(x, axis, [before + x.shape[axis] + after], (line) => [
      [...new Array(before).fill(0), ...line, ...new Array(after).fill(0)],
    ]),

  gather: ([x, indices]) => {
    const out: Value = {
      shape: [...indices.shape, ...x.shape.slice(1)],
      data: new Float64Array(indices.data.length * rowLength(x)),
    };
    indices.data.forEach((index, i) => {
      out.data.set(row(x, index), i * rowLength(x));
    });
    return [out];
  },
  scatterAdd: ([indices, updates], { rows }, sizes) => {
    const count = resolveDim(rows, sizes);
    const out: Value = {
      shape: [count, ...updates.shape.slice(1)],
      data: new Float64Array(count * rowLength(updates)),
    };
    indices.data.forEach((index, i) => {
      const target = row(out, index);
      row(updates, i).forEach((v, j) => {
        target[j] += v;
      });
    });
    return [out];
  },
  repack: ([x, source]) => {
    const out: Value = {
      shape: [source.data.length, ...x.shape.slice(1)],
      data: new Float64Array(source.data.length * rowLength(x)),
    };
    source.data.forEach((index, i) => {
      if (index >= 0) out.data.set(row(x, index), i * rowLength(x));
    });
    return [out];
  },
  takeAlong: ([x, indices], { axis }) => {
    const own = stridesOf(x.shape);
    const [positions] = alongAxis(indices, axis, [indices.shape[axis]], (line) => [
      line.map((index) => index * own[axis]),
    ]);
    const others = strided(
      { shape: x.shape, data: Float64Array.from(x.data.keys()) },
      indices.shape,
      own.map((stride, i) => (i === axis ? 0 : stride)),
    );
    return [{ shape: indices.shape, data: positions.data.map((position, i) => x.data[position + others.data[i]]) }];
  },
  scatterAlong: ([indices, updates], { axis, size }) => {
    const shape = updates.shape.map((old, i) => (i === axis ? size : old));
    const data = new Float64Array(countOf(shape));
    const own = stridesOf(shape);
    const others = strided(
      { shape, data: Float64Array.from(data.keys()) },
      updates.shape,
      own.map((stride, i) => (i === axis ? 0 : stride)),
    );
    indices.data.forEach((index, i) => {
      data[others.data[i] + index * own[axis]] += updates.data[i];
    });
    return [{ shape, data }];
  },

  topK: ([x], { axis, k }) =>
    alongAxis(x, axis, [k, k], (line) => {
      const order = descendingOrder(line).slice(0, k);
      return [order.map((i) => line[i]), order];
    }),
  sort: ([x], { axis }, sizes) => evaluations.topK([x], { axis, k: x.shape[axis] }, sizes),
  cumulativeMax: ([x], { axis, reverse }) =>
    alongAxis(x, axis, [x.shape[axis], x.shape[axis]], (line) => runningMaximum(line, reverse)),
  cumulativeSum: perLine((line, { reverse }) => runningSum(line, reverse === true)),

  softmax: perLine(softmaxLine),
  logSoftmax: perLine(logSoftmaxLine),
  layerNorm: ([x, scale, shift], { epsilon }) => {
    const axis = x.shape.length - 1;
    const width = x.shape[axis];
    return alongAxis(x, axis, [width, 1, 1], (line) => {
      const mean = line.reduce((a, b) => a + b, 0) / width;
      const inverse = 1 / Math.sqrt(line.reduce((sum, v) => sum + (v - mean) ** 2, 0) / width + epsilon);
      return [line.map((v, i) => (v - mean) * inverse * scale.data[i] + shift.data[i]), [mean], [inverse]];
    });
  },

  gru: ([gates, recurrent, bias, counts]) => gruForward(gates, recurrent, bias, counts),
  gruPadded: ([x, inputWeight, recurrent, inputBias, bias, lengths], { reverse }) => [
    gruPadded(x, inputWeight, recurrent, inputBias, bias, lengths, reverse),
  ],
  gruGradient: ([cotangent, recurrent, previous, resetUpdate, candidate, hidden, counts]) =>
    gruBackward(cotangent, recurrent, previous, resetUpdate, candidate, hidden, counts),
};
