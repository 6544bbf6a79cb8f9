/**
 * @file Every operator three ways: ONNX Runtime against the reference evaluation, and its gradient against finite differences.
 * The table is typed by the list of operators, so one without a case does not compile.
 */
import { describe, expect, test } from 'vitest';
import { apply } from './apply.ts';
import type { DType, OpName } from './attributes.ts';
import { evaluate } from './evaluate/evaluate.ts';
import { gradientRules } from './gradients.ts';
import { cast } from './ops/elementwise.ts';
import { constant, input } from './ops/leaves.ts';
import type { Tensor } from './tensor.ts';
import { expectClose, expectGradient, normalValue, probe } from './testing/check.ts';
import { runOnnx } from './testing/onnx.ts';
import type { Value } from './values.ts';

interface Case {
  /** Builds the outputs from inputs x0, x1 …, normal numbers of the given shapes unless `feed` says otherwise. */
  readonly build: (...inputs: Tensor[]) => readonly Tensor[];
  readonly shapes: readonly (readonly number[])[];
  readonly dtypes?: readonly DType[];
  /** What to feed instead of normal numbers, by input; `map` keeps an operator in its domain. */
  readonly map?: (x: number) => number;
  readonly feed?: Readonly<Record<number, readonly number[]>>;
  readonly tolerance?: number;
}

const unary = (op: 'negate', map?: (x: number) => number): Case[] => [
  { build: (x) => apply(op, [x], {}), shapes: [[3, 4]], ...(map && { map }) },
];
const binary = (op: 'add', map?: (x: number) => number): Case[] =>
  [
    [
      [3, 4],
      [3, 4],
    ],
    [[2, 3, 4], [4]],
    [
      [3, 1],
      [1, 4],
    ],
    [[], [2, 2]],
  ].map((shapes) => ({ build: (a, b) => apply(op, [a, b], {}), shapes, ...(map && { map }) }));
const positive = (x: number) => Math.abs(x) + 0.3;
const rounded = (x: number) => Math.round(x);
const reduction = (op: 'sum'): Case[] =>
  [
    { axes: [0], keepDims: false },
    { axes: [1, 2], keepDims: true },
    { axes: [0, 1, 2], keepDims: false },
  ].map((attributes) => ({ build: (x) => apply(op, [x], attributes), shapes: [[2, 3, 4]] }));
const alongEach = (build: (x: Tensor, axis: number) => readonly Tensor[]): Case[] =>
  [0, 1, 2].map((axis) => ({ build: (x) => build(x, axis), shapes: [[3, 5, 4]] }));

const gruFeeds = { counts: [3, 3, 2, 1], rows: 9, width: 5 };

const cases: { readonly [K in OpName]: Case[] } = {
  input: [{ build: (x) => [x], shapes: [[2, 3]] }],
  constant: [{ build: (x) => apply('add', [x, constant([1, 2, 3])], {}), shapes: [[2, 3]] }],
  iota: [{ build: (x) => [cast(apply('iota', [], { size: x.shape[0] })[0], 'float32'), x], shapes: [[4]] }],
  size: [{ build: (x) => apply('multiply', [x, apply('size', [], { size: x.shape[0] })[0]], {}), shapes: [[4]] }],
  uniform: [
    {
      build: (key) => apply('uniform', [key], { shape: [50, 7], stream: 12345 }),
      shapes: [[]],
      dtypes: ['int32'],
      feed: { 0: [-987654321] },
      tolerance: 0,
    },
  ],

  negate: unary('negate'),
  absolute: unary('absolute' as 'negate'),
  sign: unary('sign' as 'negate'),
  exp: unary('exp' as 'negate'),
  log: unary('log' as 'negate', positive),
  sqrt: unary('sqrt' as 'negate', positive),
  floor: unary('floor' as 'negate'),
  sin: unary('sin' as 'negate'),
  cos: unary('cos' as 'negate'),
  tanh: unary('tanh' as 'negate'),
  sigmoid: unary('sigmoid' as 'negate'),
  relu: unary('relu' as 'negate'),
  softplus: unary('softplus' as 'negate', (x) => 20 * x),
  erf: unary('erf' as 'negate', (x) => 2 * x),
  not: [
    {
      build: (x) => apply('not', [x], {}).map((y) => cast(y, 'float32')),
      shapes: [[4]],
      dtypes: ['bool'],
      feed: { 0: [0, 1, 1, 0] },
    },
  ],
  cast: [
    { build: (x) => [cast(cast(x, 'int32'), 'float32')], shapes: [[6]], map: (x) => 3 * x },
    { build: (x) => [cast(x, 'float32')], shapes: [[3]], dtypes: ['uint8'], feed: { 0: [0, 7, 255] } },
  ],
  stopGradient: [{ build: (x) => apply('stopGradient', [x], {}), shapes: [[3]] }],

  add: binary('add'),
  subtract: binary('subtract' as 'add'),
  multiply: binary('multiply' as 'add'),
  divide: binary('divide' as 'add', positive),
  maximum: binary('maximum' as 'add'),
  minimum: binary('minimum' as 'add'),
  equal: binary('equal' as 'add', rounded).map(asFloat),
  greater: binary('greater' as 'add').map(asFloat),
  greaterOrEqual: binary('greaterOrEqual' as 'add', rounded).map(asFloat),
  and: [
    {
      build: (a: Tensor, b: Tensor) => apply('and', [a, b], {}),
      shapes: [[4], [4]],
      dtypes: ['bool', 'bool'] as DType[],
      feed: { 0: [0, 0, 1, 1], 1: [0, 1, 0, 1] },
    },
  ].map(asFloat),
  or: [
    {
      build: (a: Tensor, b: Tensor) => apply('or', [a, b], {}),
      shapes: [[4], [4]],
      dtypes: ['bool', 'bool'] as DType[],
      feed: { 0: [0, 0, 1, 1], 1: [0, 1, 0, 1] },
    },
  ].map(asFloat),
  where: [
    {
      build: (c, a, b) => apply('where', [c, a, b], {}),
      shapes: [[4], [3, 4], []],
      dtypes: ['bool', 'float32', 'float32'],
      feed: { 0: [0, 1, 1, 0] },
    },
  ],

  sum: reduction('sum'),
  sumSquares: reduction('sumSquares' as 'sum'),
  max: reduction('max' as 'sum'),
  argMax: alongEach((x, axis) => apply('argMax', [x], { axis })).map(asFloat),

  matmul: [
    {
      build: (a, b) => apply('matmul', [a, b], { transposeA: false, transposeB: false }),
      shapes: [
        [3, 4],
        [4, 5],
      ],
    },
    {
      build: (a, b) => apply('matmul', [a, b], { transposeA: true, transposeB: false }),
      shapes: [
        [4, 3],
        [4, 5],
      ],
    },
    {
      build: (a, b) => apply('matmul', [a, b], { transposeA: false, transposeB: true }),
      shapes: [
        [3, 4],
        [5, 4],
      ],
    },
    {
      build: (a, b) => apply('matmul', [a, b], { transposeA: true, transposeB: true }),
      shapes: [
        [4, 3],
        [5, 4],
      ],
    },
    {
      build: (a, b) => apply('matmul', [a, b], { transposeA: false, transposeB: true }),
      shapes: [
        [2, 3, 4],
        [2, 5, 4],
      ],
    },
    {
      build: (a, b) => apply('matmul', [a, b], { transposeA: true, transposeB: true }),
      shapes: [
        [2, 4, 3],
        [2, 5, 4],
      ],
    },
    {
      build: (a, b) => apply('matmul', [a, b], { transposeA: false, transposeB: false }),
      shapes: [
        [2, 3, 4],
        [4, 5],
      ],
    },
    {
      build: (a, b) => apply('matmul', [a, b], { transposeA: true, transposeB: false }),
      shapes: [
        [2, 1, 4, 3],
        [3, 4, 5],
      ],
    },
  ],

  reshape: [{ build: (x) => apply('reshape', [x], { shape: [2, 6] }), shapes: [[3, 4]] }],
  transpose: [{ build: (x) => apply('transpose', [x], { permutation: [2, 0, 1] }), shapes: [[2, 3, 4]] }],
  expand: [{ build: (x) => apply('expand', [x], { shape: [2, 3, 4] }), shapes: [[3, 1]] }],
  slice: [{ build: (x) => apply('slice', [x], { axis: 1, start: 1, end: 3 }), shapes: [[2, 4, 3]] }],
  concat: [
    {
      build: (a, b) => apply('concat', [a, b], { axis: 1 }),
      shapes: [
        [2, 3],
        [2, 1],
      ],
    },
  ],
  split: [{ build: (x) => apply('split', [x], { axis: 1, sizes: [1, 3] }), shapes: [[2, 4, 3]] }],
  refine: [
    { build: (x) => apply('refine', [apply('concat', [x, x], { axis: 0 })[0]], { shape: [4, 3] }), shapes: [[2, 3]] },
  ],
  pad: [{ build: (x) => apply('pad', [x], { axis: 1, before: 2, after: 1 }), shapes: [[2, 3, 2]] }],

  gather: [
    {
      build: (x, i) => apply('gather', [x, i], {}),
      shapes: [
        [5, 3],
        [2, 3],
      ],
      dtypes: ['float32', 'int32'],
      feed: { 1: [4, 0, 4, 1, 1, 4] },
    },
  ],
  scatterAdd: [
    {
      build: (i, x) => apply('scatterAdd', [i, x], { rows: 5 }),
      shapes: [[4], [4, 3]],
      dtypes: ['int32', 'float32'],
      feed: { 0: [4, 0, 4, 4] },
    },
  ],
  repack: [
    {
      build: (x, source, target) => apply('repack', [x, source, target], { holes: true, inverseHoles: true }),
      shapes: [[4, 3], [5], [4]],
      dtypes: ['float32', 'int32', 'int32'],
      feed: { 1: [2, -1, 0, 3, -1], 2: [2, -1, 0, 3] },
    },
    {
      build: (x, source, target) => apply('repack', [x, source, target], { holes: false, inverseHoles: false }),
      shapes: [[3, 2], [3], [3]],
      dtypes: ['float32', 'int32', 'int32'],
      feed: { 1: [2, 0, 1], 2: [1, 2, 0] },
    },
  ],
  takeAlong: [
    {
      build: (x, i) => apply('takeAlong', [x, i], { axis: 1 }),
      shapes: [
        [2, 4],
        [2, 3],
      ],
      dtypes: ['float32', 'int32'],
      feed: { 1: [3, 3, 0, 1, 2, 2] },
    },
  ],
  scatterAlong: [
    {
      build: (i, x) => apply('scatterAlong', [i, x], { axis: 1, size: 4 }),
      shapes: [
        [2, 3],
        [2, 3],
      ],
      dtypes: ['int32', 'float32'],
      feed: { 0: [3, 3, 0, 1, 2, 2] },
    },
  ],

  topK: alongEach((x, axis) => apply('topK', [x], { axis, k: 2 }).map((y) => cast(y, 'float32'))),
  sort: alongEach((x, axis) => apply('sort', [x], { axis }).map((y) => cast(y, 'float32'))),
  cumulativeMax: [false, true].flatMap((reverse) =>
    alongEach((x, axis) => apply('cumulativeMax', [x], { axis, reverse }).map((y) => cast(y, 'float32'))),
  ),
  cumulativeSum: [false, true].flatMap((reverse) =>
    alongEach((x, axis) => apply('cumulativeSum', [x], { axis, reverse })),
  ),

  softmax: [{ build: (x) => apply('softmax', [x], {}), shapes: [[3, 4]], map: (x) => 5 * x }],
  logSoftmax: [{ build: (x) => apply('logSoftmax', [x], {}), shapes: [[3, 4]], map: (x) => 5 * x }],
  layerNorm: [
    { build: (x, a, b) => apply('layerNorm', [x, a, b], { epsilon: 1e-5 }).slice(0, 1), shapes: [[2, 3, 6], [6], [6]] },
  ],

  gru: [
    {
      build: (gates, weight, bias, counts) => apply('gru', [gates, weight, bias, counts], { steps: 4 }).slice(0, 1),
      shapes: [[gruFeeds.rows, 3 * gruFeeds.width], [3 * gruFeeds.width, gruFeeds.width], [3 * gruFeeds.width], [4]],
      dtypes: ['float32', 'float32', 'float32', 'int32'],
      feed: { 3: gruFeeds.counts },
    },
    {
      // Steps in which nothing runs any more cost nothing and change nothing.
      build: (gates, weight, bias, counts) => apply('gru', [gates, weight, bias, counts], { steps: 3 }).slice(0, 1),
      shapes: [[3, 6], [6, 2], [6], [3]],
      dtypes: ['float32', 'float32', 'float32', 'int32'],
      feed: { 3: [2, 1, 0] },
    },
  ],
  gruPadded: [false, true].map((reverse) => ({
    build: (...inputs: Tensor[]) => apply('gruPadded', inputs, { reverse }),
    shapes: [[3, 4, 2], [15, 2], [15, 5], [15], [15], [3]],
    dtypes: ['float32', 'float32', 'float32', 'float32', 'float32', 'int32'] as DType[],
    feed: { 5: [4, 1, 3] },
  })),
  gruGradient: [
    {
      build: (d, weight, counts) => {
        const state = apply('multiply', [d, d], {})[0];
        const pair = apply('concat', [d, state], { axis: 1 })[0];
        return apply('gruGradient', [d, weight, state, pair, d, state, counts], { steps: 4 });
      },
      shapes: [[9, 5], [15, 5], [4]],
      dtypes: ['float32', 'float32', 'int32'],
      feed: { 2: gruFeeds.counts },
    },
  ],
};

function asFloat(one: Case): Case {
  return { ...one, build: (...inputs) => one.build(...inputs).map((y) => cast(y, 'float32')) };
}

function prepare(op: string, { build, shapes, dtypes, map, feed }: Case) {
  const inputs = shapes.map((shape, i) => input(`x${i}`, shape, dtypes?.[i] ?? 'float32'));
  const feeds = new Map<string, Value>(
    shapes.map((shape, i) => {
      const fixed = feed?.[i];
      const value = fixed ? { shape: [...shape], data: Float64Array.from(fixed) } : normalValue(shape, op, i);
      return [`x${i}`, fixed || !map ? value : { shape: value.shape, data: value.data.map(map) }];
    }),
  );
  return { outputs: build(...inputs), feeds };
}

describe.each(Object.entries(cases))('%s', (op, list) => {
  test.each(list.map((one, i) => [i, one] as const))(
    'case %i: ONNX Runtime equals the reference evaluation',
    async (_, one) => {
      const { outputs, feeds } = prepare(op, one);
      const expected = evaluate(outputs, feeds);
      for (const portable of [false, true]) {
        const actual = await runOnnx(outputs, feeds, portable);
        actual.forEach((value, i) => {
          expectClose(value, expected[i], one.tolerance ?? 2e-5, `output ${i}`);
        });
      }
    },
  );

  if (typeof gradientRules[op as OpName] !== 'string') {
    test.each(list.map((one, i) => [i, one] as const))('case %i: the gradient equals finite differences', (_, one) => {
      const { outputs, feeds } = prepare(op, one);
      expect(outputs[0].dtype).toBe('float32');
      if ([...feeds.keys()].some((name) => one.dtypes?.[Number(name.slice(1))] ?? true))
        expectGradient(probe(outputs[0]), feeds, 1e-5);
    });
  }
});
