/**
 * @file Gradient rules: from the cotangents of an operator's outputs (d loss / d output) to those of its operands. The whole of
 * differentiation is this table and the reverse walk in gradient.ts.
 */
import { apply, applyOne } from './apply.ts';
import type { OpName } from './attributes.ts';
import { type Shape, sameShape } from './dims.ts';
import {
  cast,
  cos,
  divide,
  equal,
  exp,
  greater,
  greaterOrEqual,
  multiply,
  negate,
  sigmoid,
  sign,
  sin,
  square,
  subtract,
  where,
} from './ops/elementwise.ts';
import { gather, repack, scatterAdd, takeAlong } from './ops/indexing.ts';
import { scalar } from './ops/leaves.ts';
import { matmul } from './ops/product.ts';
import { mean, sum } from './ops/reduce.ts';
import { concat, expand, pad, refine, reshape, slice, transpose } from './ops/shape.ts';
import type { Node, Tensor } from './tensor.ts';

/** Cotangents of the operands; undefined where nothing flows. `cotangents` are zero-filled only where an output needs it. */
type GradientRule<K extends OpName> = (
  node: Node<K>,
  cotangents: readonly (Tensor | undefined)[],
) => (Tensor | undefined)[];

/** Says that an operator has no gradient: nothing flows through it. */
const notDifferentiable = 'not differentiable';

/** A cotangent summed over the axes along which its operand was broadcast. */
function unbroadcast(cotangent: Tensor, shape: Shape): Tensor {
  if (sameShape(cotangent.shape, shape)) return cotangent;
  const offset = cotangent.shape.length - shape.length;
  const axes = cotangent.shape.flatMap((dim, i) => (i < offset || (shape[i - offset] === 1 && dim !== 1) ? [i] : []));
  return reshape(sum(cotangent, axes), shape);
}

/** The rule of an elementwise operator of one operand: y' as a function of x, y and the cotangent. */
const unary =
  (rule: (cotangent: Tensor, x: Tensor, y: Tensor) => Tensor) =>
  (node: Node, [d]: readonly (Tensor | undefined)[]) => [rule(d!, node.inputs[0], node.outputs[0])];

/** The rule of an elementwise operator of two operands, before broadcasting is undone. */
const binary =
  (rule: (cotangent: Tensor, a: Tensor, b: Tensor) => [() => Tensor, () => Tensor]) =>
  (node: Node, [d]: readonly (Tensor | undefined)[]) => {
    const [a, b] = node.inputs;
    return rule(d!, a, b).map((of, i) =>
      node.inputs[i].dtype === 'float32' ? unbroadcast(of(), node.inputs[i].shape) : undefined,
    );
  };

/** A reduced cotangent, back in the shape of the operand. */
function unreduce(cotangent: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  return reshape(
    cotangent,
    x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim)),
  );
}

/** The cotangent of values that a node took along an axis, back at the positions that it says they came from. */
function scattered(node: Node, axis: number, cotangent: Tensor | undefined): Tensor | undefined {
  const size = node.inputs[0].shape[axis];
  if (typeof size === 'string') throw new TypeError('values taken along a symbolic axis have no gradient');
  return cotangent && applyOne('scatterAlong', [node.outputs[1], cotangent], { axis, size });
}

export const gradientRules: { readonly [K in OpName]: GradientRule<K> | typeof notDifferentiable } = {
  input: notDifferentiable,
  constant: notDifferentiable,
  iota: notDifferentiable,
  size: notDifferentiable,
  uniform: notDifferentiable,

  negate: unary((d) => negate(d)),
  absolute: unary((d, x) => multiply(d, sign(x))),
  sign: notDifferentiable,
  // (e^x)' = e^x
  exp: unary((d, _, y) => multiply(d, y)),
  // (ln x)' = 1/x
  log: unary((d, x) => divide(d, x)),
  // (sqrt x)' = 1/(2 sqrt x), and 0 at 0
  sqrt: unary((d, _, y) => where(greater(y, 0), divide(multiply(d, 0.5), y), 0)),
  floor: notDifferentiable,
  sin: unary((d, x) => multiply(d, cos(x))),
  cos: unary((d, x) => negate(multiply(d, sin(x)))),
  // tanh' = 1 - tanh^2
  tanh: unary((d, _, y) => multiply(d, subtract(1, square(y)))),
  // s' = s (1 - s)
  sigmoid: unary((d, _, y) => multiply(d, multiply(y, subtract(1, y)))),
  relu: unary((d, _, y) => where(greater(y, 0), d, 0)),
  softplus: unary((d, x) => multiply(d, sigmoid(x))),
  // erf' = 2/sqrt(pi) e^(-x^2)
  erf: unary((d, x) => multiply(d, multiply(exp(negate(square(x))), 2 / Math.sqrt(Math.PI)))),
  not: notDifferentiable,
  cast: (node, [d]) => [node.inputs[0].dtype === 'float32' && d!.dtype === 'float32' ? d : undefined],
  stopGradient: notDifferentiable,

  add: binary((d) => [() => d, () => d]),
  subtract: binary((d) => [() => d, () => negate(d)]),
  multiply: binary((d, a, b) => [() => multiply(d, b), () => multiply(d, a)]),
  // (a/b)' = a'/b - a b'/b^2
  divide: binary((d, a, b) => [() => divide(d, b), () => negate(multiply(divide(d, b), divide(a, b)))]),
  maximum: binary((d, a, b) => [() => where(greaterOrEqual(a, b), d, 0), () => where(greater(b, a), d, 0)]),
  minimum: binary((d, a, b) => [() => where(greaterOrEqual(b, a), d, 0), () => where(greater(a, b), d, 0)]),
  equal: notDifferentiable,
  greater: notDifferentiable,
  greaterOrEqual: notDifferentiable,
  and: notDifferentiable,
  or: notDifferentiable,
  where: (node, [d]) => {
    const [condition, a, b] = node.inputs;
    if (a.dtype !== 'float32') return [];
    return [undefined, unbroadcast(where(condition, d!, 0), a.shape), unbroadcast(where(condition, 0, d!), b.shape)];
  },

  sum: (node, [d]) => {
    const [x] = node.inputs;
    return [expand(unreduce(d!, x, node.attributes.axes), x.shape)];
  },
  sumSquares: (node, [d]) => {
    const [x] = node.inputs;
    return [multiply(multiply(unreduce(d!, x, node.attributes.axes), 2), x)];
  },
  max: (node, [d]) => {
    const [x] = node.inputs;
    const { axes } = node.attributes;
    const winners = cast(equal(x, unreduce(node.outputs[0], x, axes)), 'float32');
    return [multiply(winners, divide(unreduce(d!, x, axes), sum(winners, axes, true)))];
  },
  argMax: notDifferentiable,

  // Y = A B: dA = dY Bᵀ, dB = Aᵀ dY; a transposed side takes the transpose of that, with no transpose computed.
  matmul: (node, [d]) => {
    const [a, b] = node.inputs;
    const { transposeA, transposeB } = node.attributes;
    const da = () =>
      transposeA
        ? matmul(b, d!, { transposeA: transposeB, transposeB: true })
        : matmul(d!, b, { transposeB: !transposeB });
    const db = () =>
      transposeB
        ? matmul(d!, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, d!, { transposeA: !transposeA });
    return [unbroadcast(da(), a.shape), unbroadcast(db(), b.shape)];
  },

  reshape: (node, [d]) => [reshape(d!, node.inputs[0].shape)],
  transpose: (node, [d]) => {
    const inverse: number[] = [];
    node.attributes.permutation.forEach((axis, i) => {
      inverse[axis] = i;
    });
    return [transpose(d!, inverse)];
  },
  expand: (node, [d]) => [unbroadcast(d!, node.inputs[0].shape)],
  slice: (node, [d]) => {
    const { axis, start, end } = node.attributes;
    const size = node.inputs[0].shape[axis];
    if (typeof size === 'string')
      throw new TypeError('a slice of a symbolic axis has no gradient: gather its rows instead');
    return [pad(d!, axis, start, size - end)];
  },
  concat: (node, [d]) => {
    const { axis } = node.attributes;
    const sizes = node.inputs.map((x) => x.shape[axis]);
    return [...apply('split', [d!], { axis, sizes })];
  },
  split: (node, cotangents) => {
    const pieces = node.outputs.map((output, i) => cotangents[i] ?? expand(scalar(0), output.shape));
    return [concat(pieces, node.attributes.axis)];
  },
  refine: (node, [d]) => [refine(d!, node.inputs[0].shape)],
  pad: (node, [d]) => {
    const { axis, before } = node.attributes;
    const size = node.inputs[0].shape[axis];
    if (typeof size === 'string') throw new TypeError('padding a symbolic axis has no gradient');
    return [slice(d!, axis, before, before + size)];
  },

  gather: (node, [d]) => {
    const [table, indices] = node.inputs;
    if (table.dtype !== 'float32') return [];
    return [scatterAdd(reshape(indices, [-1]), reshape(d!, [-1, ...table.shape.slice(1)]), table.shape[0])];
  },
  scatterAdd: (node, [d]) => [undefined, gather(d!, node.inputs[0])],
  repack: (node, [d]) => {
    const [, source, target] = node.inputs;
    const { holes, inverseHoles } = node.attributes;
    return [repack(d!, target, source, { source: inverseHoles, target: holes })];
  },
  takeAlong: (node, [d]) => {
    const [x, indices] = node.inputs;
    const { axis } = node.attributes;
    const size = x.shape[axis];
    if (typeof size === 'string') throw new TypeError('taking along a symbolic axis has no gradient');
    return [applyOne('scatterAlong', [indices, d!], { axis, size })];
  },
  scatterAlong: (node, [d]) => [undefined, takeAlong(d!, node.inputs[0], node.attributes.axis)],

  topK: (node, [d]) => [scattered(node, node.attributes.axis, d)],
  sort: (node, [d]) => [scattered(node, node.attributes.axis, d)],
  cumulativeMax: (node, [d]) => [scattered(node, node.attributes.axis, d)],
  cumulativeSum: (node, [d]) => {
    const { axis, reverse } = node.attributes;
    return [applyOne('cumulativeSum', [d!], { axis, reverse: !reverse })];
  },

  // y = softmax(x): dx = y (d - sum(d y))
  softmax: (node, [d]) => {
    const [y] = node.outputs;
    return [multiply(y, subtract(d!, sum(multiply(d!, y), -1, true)))];
  },
  // y = log softmax(x): dx = d - e^y sum(d)
  logSoftmax: (node, [d]) => [subtract(d!, multiply(exp(node.outputs[0]), sum(d!, -1, true)))],
  // With n = (x - mean) s, s = 1/deviation and g = d scale:  dx = s (g - mean(g) - n mean(g n))
  layerNorm: (node, [d]) => {
    const [x, scale, shift] = node.inputs;
    const [, average, inverse] = node.outputs;
    const normal = multiply(subtract(x, average), inverse);
    const g = multiply(d!, scale);
    const dx = multiply(
      inverse,
      subtract(subtract(g, mean(g, -1, true)), multiply(normal, mean(multiply(g, normal), -1, true))),
    );
    return [dx, unbroadcast(multiply(d!, normal), scale.shape), unbroadcast(d!, shift.shape)];
  },

  // The loop runs over the state gradient alone; each weight gradient is one product over all rows.
  gru: (node, [d]) => {
    const [, recurrent, , counts] = node.inputs;
    const [, previous, resetUpdate, candidate, hidden] = node.outputs;
    const [inputGates, hiddenGates] = apply(
      'gruGradient',
      [d!, recurrent, previous, resetUpdate, candidate, hidden, counts],
      node.attributes,
    );
    return [inputGates, matmul(hiddenGates, previous, { transposeA: true }), sum(hiddenGates, 0)];
  },
  gruGradient: notDifferentiable,
  gruPadded: notDifferentiable,
};
