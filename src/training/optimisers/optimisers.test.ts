/** @file Optimisers: five golden steps of each rule, and closed forms of what the golden steps leave out. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { input } from '../../graph/ops/leaves.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose, normalValue } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import { countOf, type Value } from '../../graph/values.ts';
import { zeros } from '../../nn/initialisers.ts';
import { type ParameterSpec, parameter } from '../../nn/parameters.ts';
import { type GoldenArray, numbersOf, readGolden } from '../../nn/testing/golden.ts';
import { inputsOf } from '../../nn/testing/sequences.ts';
import { adam, adamW } from './adam.ts';
import { averageWeights } from './average.ts';
import { settingsOf } from './groups.ts';
import { momentSpecs, type OptimiserOptions, optimise } from './optimiser.ts';
import { sgd } from './sgd.ts';

interface GoldenSteps {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly momentum: number;
  readonly initial: readonly GoldenArray[];
  readonly learningRates: readonly number[];
  readonly gradients: readonly (readonly GoldenArray[])[];
  readonly parameters: readonly (readonly GoldenArray[])[];
}

const golden = readGolden<Record<'adam' | 'adamw' | 'adamw_clipped' | 'sgd_momentum', GoldenSteps>>(
  './golden/optimisers.json',
  import.meta.url,
);
const scalarValue = (x: number): Value => ({ shape: [], data: Float64Array.of(x) });

describe('five golden steps', () => {
  // The golden rules decay every parameter.
  const groups = [{ pattern: '*', decay: true }];
  const adamOf = ({ betas, eps, weightDecay }: GoldenSteps) => ({ betas, epsilon: eps, weightDecay });
  test.each<[keyof typeof golden, (steps: GoldenSteps) => OptimiserOptions]>([
    ['adam', ({ betas, eps }) => ({ rule: adam({ betas, epsilon: eps }), groups })],
    ['adamw', (steps) => ({ rule: adamW(adamOf(steps)), groups })],
    ['adamw_clipped', (steps) => ({ rule: adamW(adamOf(steps)), groups, clipNorm: steps.clipNorm })],
    ['sgd_momentum', ({ momentum }) => ({ rule: sgd({ momentum }), groups })],
  ])('%s', async (name, optionsOf) => {
    const { initial, learningRates, gradients, parameters } = golden[name];
    const options = optionsOf(golden[name]);
    const specs = Object.fromEntries(initial.map(({ shape }, i) => [`p${i}`, parameter(shape, zeros)]));
    const moments = momentSpecs(options, specs);
    const feeds = new Map<string, Value>();
    let state: { params: Tree<Tensor>; moments: Tree<Tensor> } = {
      params: inputsOf(specs, 'params') as Tree<Tensor>,
      moments: inputsOf(moments, 'moments') as Tree<Tensor>,
    };
    for (const [i, array] of initial.entries()) feeds.set(`params.p${i}`, numbersOf(array));
    for (const [path, { shape }] of leavesOf<ParameterSpec>(moments))
      feeds.set(`moments.${path}`, { shape: [...shape], data: new Float64Array(countOf(shape)) });
    const outputs: Tensor[] = [];
    learningRates.forEach((rate, step) => {
      feeds.set(`rate${step}`, scalarValue(rate)).set(`step${step}`, scalarValue(step));
      for (const [i, array] of gradients[step].entries()) feeds.set(`gradient${step}.p${i}`, numbersOf(array));
      state = optimise(options, state.params, inputsOf(specs, `gradient${step}`) as Tree<Tensor>, state.moments, {
        learningRate: input(`rate${step}`, []),
        step: input(`step${step}`, [], 'int32'),
      });
      outputs.push(...leavesOf<Tensor>(state.params).map(([, tensor]) => tensor));
    });
    const expected = parameters.flat().map(numbersOf);
    for (const [values, tolerance] of [
      [evaluate(outputs, feeds), 1e-7],
      [await runOnnx(outputs, feeds), 1e-5],
    ] as const) {
      values.forEach((value, i) => {
        expectClose(
          value,
          expected[i],
          tolerance,
          `parameter ${i % initial.length} after step ${Math.floor(i / initial.length)}`,
        );
      });
    }
  });
});

const weight = input('weight', [2, 3]);
const slope = input('slope', [2, 3]);
const moments = { first: { weight: input('first', [2, 3]) }, second: { weight: input('second', [2, 3]) } };
const controls = { learningRate: input('rate', []), step: input('step', [], 'float32') };
const fed = (step: number) =>
  new Map<string, Value>([
    ['weight', normalValue([2, 3], 'weight')],
    ['slope', normalValue([2, 3], 'slope')],
    ['first', normalValue([2, 3], 'first')],
    ['second', { shape: [2, 3], data: normalValue([2, 3], 'second').data.map((x) => x * x) }],
    ['rate', scalarValue(0.01)],
    ['step', scalarValue(step)],
  ]);

test.each([0, 1, 9, 999, 99_999, 10_000_000])('bias correction is exact in float32 at step %i', async (step) => {
  const options = { rule: adam() };
  const { params } = optimise(options, { weight }, { weight: slope }, moments, controls);
  const feeds = fed(step);
  const [expected, g, m, v] = [
    feeds.get('weight')!,
    feeds.get('slope')!,
    feeds.get('first')!,
    feeds.get('second')!,
  ].map(({ data }) => data);
  const [b1, b2] = [1 - 0.9 ** (step + 1), 1 - 0.999 ** (step + 1)];
  const moves = expected.map((_, i) => {
    const first = 0.9 * m[i] + 0.1 * g[i];
    const second = 0.999 * v[i] + 0.001 * g[i] ** 2;
    return (-0.01 * (first / b1)) / (Math.sqrt(second / b2) + 1e-8);
  });
  const [inFloat32] = await runOnnx([params.weight], feeds);
  const [inFloat64] = evaluate([params.weight], feeds);
  moves.forEach((move, i) => {
    expect(inFloat64.data[i] - expected[i]).toBeCloseTo(move, 8);
    // The weight itself is rounded to float32.
    const rounding = 2 ** -23 * Math.max(1, Math.abs(expected[i]));
    expect(Math.abs(inFloat32.data[i] - Math.fround(expected[i]) - move)).toBeLessThan(
      2e-6 * Math.abs(move) + rounding,
    );
  });
});

test('Nesterov looks one step of the momentum ahead, and decay enters the gradient', () => {
  const rule = sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 });
  const { params, moments: next } = optimise(
    { rule },
    { weight },
    { weight: slope },
    { first: moments.first },
    controls,
  );
  const feeds = fed(3);
  const [p, g, m] = ['weight', 'slope', 'first'].map((name) => feeds.get(name)!.data);
  const values = evaluate([params.weight, next.first.weight], feeds);
  p.forEach((x, i) => {
    const whole = g[i] + 0.1 * x;
    const first = 0.9 * m[i] + whole;
    expect(values[1].data[i]).toBeCloseTo(first, 6);
    expect(values[0].data[i]).toBeCloseTo(x - 0.01 * (whole + 0.9 * first), 7);
  });
});

test('decay inside the gradient is not clipped', () => {
  const rule = adam({ weightDecay: 0.1 });
  const { params, metrics } = optimise({ rule, clipNorm: 0.5 }, { weight }, { weight: slope }, moments, controls);
  const feeds = fed(4);
  const [p, g, m, v] = ['weight', 'slope', 'first', 'second'].map((name) => feeds.get(name)!.data);
  const [value, norm] = evaluate([params.weight, metrics.gradientNorm!], feeds);
  const length = Math.hypot(...g);
  expect(norm.data[0]).toBeCloseTo(length, 9);
  p.forEach((x, i) => {
    const whole = (g[i] * 0.5) / length + 0.1 * x;
    const first = (0.9 * m[i] + 0.1 * whole) / (1 - 0.9 ** 5);
    const second = (0.999 * v[i] + 0.001 * whole ** 2) / (1 - 0.999 ** 5);
    expect(value.data[i]).toBeCloseTo(x - (0.01 * first) / (Math.sqrt(second) + 1e-8), 6);
  });
});

const model = {
  image: { projection: { weight: parameter([2, 3], zeros), bias: parameter([2], zeros) } },
  text: { embedding: { weight: parameter([2, 3], zeros) }, norm: { scale: parameter([3], zeros) } },
};

test('groups: what is not said holds as before, later groups over earlier ones', () => {
  const settings = settingsOf(model, [
    { pattern: 'text.*', factor: 0.1 },
    { pattern: '*.norm.*', decay: true },
    { pattern: /embedding/, frozen: true },
  ]);
  expect(Object.fromEntries(settings)).toEqual({
    'image.projection.weight': { factor: 1, frozen: false, decays: true },
    'image.projection.bias': { factor: 1, frozen: false, decays: false },
    'text.embedding.weight': { factor: 0.1, frozen: true, decays: true },
    'text.norm.scale': { factor: 0.1, frozen: false, decays: true },
  });
  expect(() => settingsOf(model, [{ pattern: 'txt.*' }])).toThrow(
    'optimiser group txt.*: no parameter has such a name',
  );
  expect(() => settingsOf(model, [{ pattern: 'text' }])).toThrow('text.norm.scale');
});

test('what stands still for now keeps its moments, and further factors multiply those of groups', () => {
  const options = { rule: adamW(), groups: [{ pattern: 'text.*', factor: 0.5 }] };
  const params = inputsOf(model, 'params');
  const gradients = inputsOf(model, 'gradients') as Tree<Tensor>;
  const moments = inputsOf(momentSpecs(options, model), 'moments') as Tree<Tensor>;
  const still = optimise({ ...options, still: ['image.*'] }, params, gradients, moments, controls);
  expect(still.params.image).toEqual(params.image);
  expect((still.moments as Record<string, Tree<Tensor>>).first.image).toEqual(
    (moments as Record<string, Tree<Tensor>>).first.image,
  );
  const movedBy = (factors: { pattern: string; factor: number }[], group: number) => {
    const groups = [{ pattern: 'text.*', factor: group }];
    return optimise({ ...options, groups, factors }, params, gradients, moments, controls).params.text.norm.scale;
  };
  const shape = [...model.text.norm.scale.shape];
  const filled = (name: string) =>
    [name, { shape, data: new Float64Array(countOf(shape)).fill(name.startsWith('gradients') ? 1 : 0) }] as const;
  const feeds = new Map([
    ...['params', 'gradients', 'moments.first', 'moments.second'].map((of) => filled(`${of}.text.norm.scale`)),
    ['rate', scalarValue(0.1)] as const,
    ['step', scalarValue(0)] as const,
  ]);
  const [both, one] = evaluate([movedBy([{ pattern: 'text.norm.*', factor: 0.1 }], 0.5), movedBy([], 0.05)], feeds);
  expect(both.data[0]).not.toBe(0);
  expect(both.data[0]).toBeCloseTo(one.data[0], 12);
});

test('frozen parameters keep no moments, are returned as they are and leave the norm alone', () => {
  const options = { rule: adamW({ weightDecay: 0.1 }), groups: [{ pattern: 'text.*', frozen: true }], clipNorm: 1 };
  const specs = momentSpecs(options, model);
  expect(leavesOf(specs).map(([path]) => path)).toEqual([
    'first.image.projection.weight',
    'first.image.projection.bias',
    'second.image.projection.weight',
    'second.image.projection.bias',
  ]);
  const params = inputsOf(model, 'params');
  const gradients = inputsOf(model, 'gradients') as Tree<Tensor>;
  const next = optimise(options, params, gradients, inputsOf(specs, 'moments') as Tree<Tensor>, controls);
  expect(next.params.text.embedding.weight).toBe(params.text.embedding.weight);
  expect(
    leavesOf(next.moments)
      .map(([path]) => path)
      .sort(),
  ).toEqual(
    leavesOf(specs)
      .map(([path]) => path)
      .sort(),
  );
  const feeds = new Map([
    ['gradients.image.projection.weight', { shape: [2, 3], data: new Float64Array(6).fill(2) }],
    ['gradients.image.projection.bias', { shape: [2], data: new Float64Array(2).fill(1) }],
  ]);
  expect(evaluate([next.metrics.gradientNorm!], feeds)[0].data[0]).toBeCloseTo(Math.sqrt(26), 9);
});

test('the learning-rate factor scales the move and the decay', () => {
  const options = { rule: adamW({ weightDecay: 0.1 }), groups: [{ pattern: 'weight', factor: 0.5 }] };
  const slow = optimise(options, { weight }, { weight: slope }, moments, controls).params.weight;
  const half = optimise({ rule: options.rule }, { weight }, { weight: slope }, moments, {
    ...controls,
    learningRate: input('half', []),
  }).params.weight;
  const feeds = fed(2).set('half', scalarValue(0.005));
  const [a, b] = evaluate([slow, half], feeds);
  expectClose(a, b, 1e-12);
});

test('the moving average follows the weights', () => {
  const { weight: average } = averageWeights({ weight: moments.first.weight }, { weight }, 0.9);
  const feeds = fed(0);
  const [value] = evaluate([average], feeds);
  value.data.forEach((x, i) => {
    expect(x).toBeCloseTo(0.9 * feeds.get('first')!.data[i] + 0.1 * feeds.get('weight')!.data[i], 7);
  });
});

test('objects without parameters keep their place', () => {
  const params = { image: { weight: input('w', [2]) }, objectives: { hinge: {} } };
  const gradients = { image: { weight: input('g', [2]) } };
  const controls = { learningRate: input('rate', []), step: input('step', [], 'int32') };
  const { params: next } = optimise({ rule: sgd() }, params as Tree<Tensor>, gradients, {}, controls);
  expect(next.objectives).toEqual({ hinge: {} });
});
