/** @file Shape rules: what an operator returns for given operands, or why it cannot be applied to them. */
import type { Attributes, DType, OpName } from './attributes.ts';
import { addDims, broadcastShapes, type Dim, elementCount, type Shape, sameShape, shapeText } from './dims.ts';
import type { Spec } from './tensor.ts';

/** Operands that do not fit. `apply` adds the path. */
export class ShapeProblem extends Error {}

type ShapeRule<K extends OpName> = (inputs: readonly Spec[], attributes: Attributes[K]) => Spec[];

function require(condition: boolean, problem: () => string): asserts condition {
  if (!condition) throw new ShapeProblem(problem());
}

function requireType(spec: Spec, dtypes: readonly DType[], use: string): void {
  require(dtypes.includes(spec.dtype), () =>
    `${use} needs ${dtypes.join(' or ')}, got ${spec.dtype} ${shapeText(spec.shape)}`);
}

function requireAxis(spec: Spec, axis: number, use: string): void {
  require(Number.isInteger(axis) && axis >= 0 && axis < spec.shape.length, () =>
    `${use} along axis ${axis} of ${shapeText(spec.shape)}`);
}

const float = (shape: Shape): Spec => ({ shape, dtype: 'float32' });
const int = (shape: Shape): Spec => ({ shape, dtype: 'int32' });
const bool = (shape: Shape): Spec => ({ shape, dtype: 'bool' });

/** Float to float, same shape. */
const unary =
  (use: string) =>
  (inputs: readonly Spec[]): Spec[] => {
    requireType(inputs[0], ['float32'], use);
    return [float(inputs[0].shape)];
  };

function broadcast(a: Spec, b: Spec, use: string): Shape {
  const shape = broadcastShapes(a.shape, b.shape);
  require(shape !== undefined, () => `cannot ${use} ${shapeText(a.shape)} and ${shapeText(b.shape)}`);
  return shape;
}

/** Two operands of one type, broadcast; the result has that type or is a boolean. */
const binary =
  (use: string, operands: readonly DType[], result: 'same' | 'bool') =>
  ([a, b]: readonly Spec[]): Spec[] => {
    requireType(a, operands, use);
    require(a.dtype === b.dtype, () => `cannot ${use} ${a.dtype} and ${b.dtype}`);
    return [{ shape: broadcast(a, b, use), dtype: result === 'bool' ? 'bool' : a.dtype }];
  };

const reduction =
  (use: string) =>
  ([x]: readonly Spec[], { axes, keepDims }: Attributes['sum']): Spec[] => {
    requireType(x, ['float32'], use);
    for (const axis of axes) requireAxis(x, axis, use);
    const shape = keepDims
      ? x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
      : x.shape.filter((_, i) => !axes.includes(i));
    return [float(shape)];
  };

const replaced = (shape: Shape, axis: number, dim: Dim): Shape => shape.map((old, i) => (i === axis ? dim : old));

export const shapeRules: { readonly [K in OpName]: ShapeRule<K> } = {
  input: (_, { shape, dtype }) => [{ shape, dtype }],
  constant: (_, { shape, dtype }) => [{ shape, dtype }],
  iota: (_, { size }) => [int([size])],
  size: () => [float([])],
  uniform: ([key], { shape }) => {
    requireType(key, ['int32'], 'uniform');
    return [float(shape)];
  },

  negate: unary('negate'),
  absolute: unary('absolute'),
  sign: unary('sign'),
  exp: unary('exp'),
  log: unary('log'),
  sqrt: unary('sqrt'),
  floor: unary('floor'),
  sin: unary('sin'),
  cos: unary('cos'),
  tanh: unary('tanh'),
  sigmoid: unary('sigmoid'),
  relu: unary('relu'),
  softplus: unary('softplus'),
  erf: unary('erf'),
  not: ([x]) => {
    requireType(x, ['bool'], 'not');
    return [bool(x.shape)];
  },
  cast: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  stopGradient: ([x]) => [x],

  add: binary('add', ['float32', 'int32'], 'same'),
  subtract: binary('subtract', ['float32', 'int32'], 'same'),
  multiply: binary('multiply elementwise', ['float32', 'int32'], 'same'),
  divide: binary('divide', ['float32'], 'same'),
  maximum: binary('take the maximum of', ['float32', 'int32'], 'same'),
  minimum: binary('take the minimum of', ['float32', 'int32'], 'same'),
  equal: binary('compare', ['float32', 'int32'], 'bool'),
  greater: binary('compare', ['float32', 'int32'], 'bool'),
  greaterOrEqual: binary('compare', ['float32', 'int32'], 'bool'),
  and: binary('and', ['bool'], 'bool'),
  or: binary('or', ['bool'], 'bool'),
  where: ([condition, a, b]) => {
    requireType(condition, ['bool'], 'where');
    require(a.dtype === b.dtype, () => `where cannot choose between ${a.dtype} and ${b.dtype}`);
    const branches = broadcast(a, b, 'choose between');
    return [{ shape: broadcast({ shape: branches, dtype: a.dtype }, condition, 'choose by'), dtype: a.dtype }];
  },

  sum: reduction('sum'),
  sumSquares: reduction('sum the squares'),
  max: reduction('take the maximum'),
  argMax: ([x], { axis }) => {
    requireType(x, ['float32'], 'argMax');
    requireAxis(x, axis, 'argMax');
    return [int(x.shape.filter((_, i) => i !== axis))];
  },

  matmul: ([a, b], { transposeA, transposeB }) => {
    const fits = a.shape.length >= 2 && b.shape.length >= 2 && a.dtype === 'float32' && b.dtype === 'float32';
    const [m, k] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
    const [k2, n] = transposeB ? b.shape.slice(-2).reverse() : b.shape.slice(-2);
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    require(fits && k === k2 && batch !== undefined, () =>
      `cannot multiply ${shapeText(a.shape)}${transposeA ? ' transposed' : ''} by ${shapeText(b.shape)}${transposeB ? ' transposed' : ''}`);
    return [float([...batch, m, n])];
  },

  reshape: ([x], { shape }) => {
    require(elementCount(x.shape) === elementCount(shape), () =>
      `cannot reshape ${shapeText(x.shape)} to ${shapeText(shape)}: the number of elements differs`);
    return [{ shape, dtype: x.dtype }];
  },
  transpose: ([x], { permutation }) => {
    require(permutation.length === x.shape.length && new Set(permutation).size === permutation.length, () =>
      `cannot transpose ${shapeText(x.shape)} by ${shapeText(permutation)}`);
    return [{ shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype }];
  },
  expand: ([x], { shape }) => {
    const result = broadcastShapes(x.shape, shape);
    require(result !== undefined && sameShape(result, shape), () =>
      `cannot expand ${shapeText(x.shape)} to ${shapeText(shape)}`);
    return [{ shape, dtype: x.dtype }];
  },
  slice: ([x], { axis, start, end }) => {
    requireAxis(x, axis, 'slice');
    const size = x.shape[axis];
    require(start >= 0 && end >= start && (typeof size === 'string' || end <= size), () =>
      `cannot take ${start} to ${end} along axis ${axis} of ${shapeText(x.shape)}`);
    return [{ shape: replaced(x.shape, axis, end - start), dtype: x.dtype }];
  },
  concat: (inputs, { axis }) => {
    const [first, ...rest] = inputs;
    require(first !== undefined, () => 'cannot concatenate nothing');
    requireAxis(first, axis, 'concatenate');
    for (const next of rest) {
      require(next.dtype === first.dtype &&
        sameShape(replaced(next.shape, axis, 0), replaced(first.shape, axis, 0)), () =>
        `cannot concatenate ${shapeText(first.shape)} and ${shapeText(next.shape)} along axis ${axis}`);
    }
    return [
      { shape: replaced(first.shape, axis, inputs.map((x) => x.shape[axis]).reduce(addDims)), dtype: first.dtype },
    ];
  },
  split: ([x], { axis, sizes }) => {
    requireAxis(x, axis, 'split');
    require(sizes.reduce(addDims, 0) === x.shape[axis], () =>
      `cannot split axis ${axis} of ${shapeText(x.shape)} into ${shapeText(sizes)}`);
    return sizes.map((size) => ({ shape: replaced(x.shape, axis, size), dtype: x.dtype }));
  },
  refine: ([x], { shape }) => {
    const fits =
      shape.length === x.shape.length &&
      shape.every((dim, i) => dim === x.shape[i] || typeof x.shape[i] === 'string' || typeof dim === 'string');
    require(fits, () => `cannot read ${shapeText(x.shape)} as ${shapeText(shape)}`);
    return [{ shape, dtype: x.dtype }];
  },
  pad: ([x], { axis, before, after }) => {
    requireType(x, ['float32'], 'pad');
    requireAxis(x, axis, 'pad');
    return [float(replaced(x.shape, axis, addDims(x.shape[axis], before + after)))];
  },

  gather: ([x, indices]) => {
    requireType(indices, ['int32'], 'gather');
    require(x.shape.length >= 1, () => 'cannot gather rows of a scalar');
    return [{ shape: [...indices.shape, ...x.shape.slice(1)], dtype: x.dtype }];
  },
  scatterAdd: ([indices, updates], { rows }) => {
    requireType(indices, ['int32'], 'scatterAdd');
    require(indices.shape.length === 1 && updates.shape[0] === indices.shape[0], () =>
      `cannot scatter ${shapeText(updates.shape)} by indices ${shapeText(indices.shape)}`);
    return [float([rows, ...updates.shape.slice(1)])];
  },
  repack: ([x, source, target]) => {
    requireType(source, ['int32'], 'repack');
    requireType(target, ['int32'], 'repack');
    require(source.shape.length === 1 && target.shape.length === 1 && target.shape[0] === x.shape[0], () =>
      `cannot repack ${shapeText(x.shape)} with a target of ${shapeText(target.shape)}`);
    return [float([source.shape[0], ...x.shape.slice(1)])];
  },
  takeAlong: ([x, indices], { axis }) => {
    requireType(indices, ['int32'], 'takeAlong');
    requireAxis(x, axis, 'takeAlong');
    require(sameShape(replaced(x.shape, axis, 0), replaced(indices.shape, axis, 0)), () =>
      `cannot take ${shapeText(indices.shape)} along axis ${axis} of ${shapeText(x.shape)}`);
    return [{ shape: indices.shape, dtype: x.dtype }];
  },
  scatterAlong: ([indices, updates], { axis, size }) => {
    requireType(indices, ['int32'], 'scatterAlong');
    requireAxis(updates, axis, 'scatterAlong');
    require(sameShape(indices.shape, updates.shape), () =>
      `cannot scatter ${shapeText(updates.shape)} by indices ${shapeText(indices.shape)}`);
    return [float(replaced(updates.shape, axis, size))];
  },

  topK: ([x], { axis, k }) => {
    requireType(x, ['float32'], 'topK');
    requireAxis(x, axis, 'topK');
    const size = x.shape[axis];
    require(k >= 1 && (typeof size === 'string' || k <= size), () =>
      `cannot take the ${k} largest of ${shapeText(x.shape)}`);
    const shape = replaced(x.shape, axis, k);
    return [float(shape), int(shape)];
  },
  sort: ([x], { axis }) => {
    requireType(x, ['float32'], 'sort');
    requireAxis(x, axis, 'sort');
    return [float(x.shape), int(x.shape)];
  },
  cumulativeMax: ([x], { axis }) => {
    requireType(x, ['float32'], 'cumulativeMax');
    requireAxis(x, axis, 'cumulativeMax');
    require(typeof x.shape[axis] === 'number', () => 'cumulativeMax needs a known size along its axis');
    return [float(x.shape), int(x.shape)];
  },
  cumulativeSum: ([x], { axis }) => {
    requireType(x, ['float32'], 'cumulativeSum');
    requireAxis(x, axis, 'cumulativeSum');
    return [float(x.shape)];
  },

  softmax: unary('softmax'),
  logSoftmax: unary('logSoftmax'),
  layerNorm: ([x, scale, shift]) => {
    const width = x.shape.slice(-1);
    require(x.shape.length >= 1 && sameShape(scale.shape, width) && sameShape(shift.shape, width), () =>
      `cannot normalise ${shapeText(x.shape)} with scale ${shapeText(scale.shape)} and shift ${shapeText(shift.shape)}`);
    const statistics = float([...x.shape.slice(0, -1), 1]);
    return [float(x.shape), statistics, statistics];
  },

  gru: ([gates, recurrent, bias, counts], { steps }) => {
    const width = recurrent.shape[1];
    require(gates.shape.length === 2 &&
      typeof width === 'number' &&
      gates.shape[1] === 3 * width &&
      recurrent.shape[0] === 3 * width, () =>
      `cannot run a GRU on input gates ${shapeText(gates.shape)} with recurrent weight ${shapeText(recurrent.shape)}`);
    require(sameShape(bias.shape, [3 * width]) && sameShape(counts.shape, [steps]) && counts.dtype === 'int32', () =>
      `a GRU of ${steps} steps needs bias [${3 * width}] and counts [${steps}], got ${shapeText(bias.shape)} and ${shapeText(counts.shape)}`);
    const rows = gates.shape[0];
    return [
      float([rows, width]),
      float([rows, width]),
      float([rows, 2 * width]),
      float([rows, width]),
      float([rows, width]),
    ];
  },
  gruPadded: ([x, inputWeight, recurrent, inputBias, bias, lengths]) => {
    const width = recurrent.shape[1];
    require(x.shape.length === 3 &&
      typeof width === 'number' &&
      sameShape(inputWeight.shape, [3 * width, x.shape[2]]) &&
      sameShape(recurrent.shape, [3 * width, width]) &&
      sameShape(inputBias.shape, [3 * width]) &&
      sameShape(bias.shape, [3 * width]) &&
      sameShape(lengths.shape, [x.shape[0]]), () =>
      `cannot run a GRU on ${shapeText(x.shape)} with weights ${shapeText(inputWeight.shape)} and ${shapeText(recurrent.shape)}`);
    return [float([x.shape[0], x.shape[1], width])];
  },
  gruGradient: ([cotangent, recurrent]) => {
    const width = recurrent.shape[1];
    require(typeof width === 'number' && cotangent.shape[1] === width, () =>
      `cannot run back through ${shapeText(cotangent.shape)}`);
    const gates = float([cotangent.shape[0], 3 * width]);
    return [gates, gates];
  },
};
