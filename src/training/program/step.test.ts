/** @file Parameters that join a run late, or rest for a while: each moves as if the run consisted of its own steps. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { add, multiply } from '../../graph/ops/elementwise.ts';
import { sum } from '../../graph/ops/reduce.ts';
import { Runtime } from '../../graph/runtime/runtime.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { TensorData } from '../../graph/values.ts';
import { linearTower } from '../../methods/hrem/testing/towers.ts';
import type { Objective } from '../../methods/objective.ts';
import type { Stage } from '../../methods/stages.ts';
import { filled } from '../../nn/initialisers.ts';
import { layoutFeeds, layoutOf } from '../../nn/layout.ts';
import { initialise, parameter } from '../../nn/parameters.ts';
import { scalar } from '../engine.ts';
import { adamW } from '../optimisers/adam.ts';
import { GraphEngine } from './graph-engine.ts';
import { compileTrainingStep, stateOf, type TrainingPlan } from './step.ts';

const rate = 0.01;
const tower = () => linearTower(2, 3, [1], 1);

/** The gradient of its parameter at step s is slope (1 + s). */
function objective(name: string, slope: number): Objective {
  return {
    name,
    parameters: { p: parameter([1], filled(1)) },
    memory: {},
    inputs: {},
    term: (own, memory, _, { step, scores }) => {
      const { p } = own as { p: Tensor };
      const loss = add(multiply(sum(p), multiply(add(step, 1), slope)), multiply(sum(scores), 0));
      return { loss, metrics: {}, memory };
    },
  };
}

const early = { objective: objective('early', 0.5), weight: 1 };
const late = { objective: objective('late', -2), weight: 1 };
const rest = { frozen: ['objectives.early.*'] };
const stages: readonly Stage[] = [
  { name: 'alone', from: 0, weighted: [early] },
  { name: 'joined', from: 3, weighted: [early, late] },
  { name: 'left', from: 5, weighted: [early] },
  { name: 'rest', from: 6, weighted: [early, late], ...rest },
  { name: 'again', from: 8, weighted: [early, late] },
];
const plan: TrainingPlan = {
  encoder: { image: tower(), text: tower(), dimension: 3 },
  pairs: 2,
  objectives: [early.objective, late.objective],
  optimiser: { rule: adamW() },
  averageDecay: 0,
};

let runtime: Runtime;
beforeAll(async () => {
  runtime = await Runtime.start({ device: 'cpu', threads: 1 });
});
afterAll(() => runtime.close());

/** Where the parameter of an objective stands after each step. @param starts first steps of the stages */
async function course(starts: readonly number[]): Promise<Record<'early' | 'late', number[]>> {
  const engine = new GraphEngine(runtime, {
    nameOf: (stage) => stages[stage].name,
    compile: async (stage) => compileTrainingStep(plan, stages[stage], stages),
  });
  await engine.restore(initialise(stateOf(plan), 1));
  const places: Record<'early' | 'late', number[]> = { early: [], late: [] };
  for (let step = 0; step < 12; step++) {
    await engine.step(feedsAt(step, starts));
    const state = await engine.snapshot();
    for (const name of ['early', 'late'] as const) places[name].push(state.get(`params.objectives.${name}.p`)!.data[0]);
  }
  return places;
}

function feedsAt(step: number, starts: readonly number[]): Map<string, TensorData> {
  const layout = layoutFeeds(layoutOf([1, 1], [1], 'sequence'));
  const side = (name: string): [string, TensorData][] => [
    [`${name}.x`, { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
    ...[...layout].map(([path, { data, ...tensor }]): [string, TensorData] => [
      `${name}.layout.${path}`,
      { ...tensor, data: data.slice() } as TensorData,
    ]),
  ];
  return new Map<string, TensorData>([
    ...side('image'),
    ...side('text'),
    ['imageIds', { dtype: 'int32', shape: [2], data: Int32Array.of(0, 1) }],
    ['key', scalar('int32', step)],
    ['learningRate', scalar('float32', rate)],
    ['step', scalar('int32', step)],
    ['stageStarts', { dtype: 'int32', shape: [starts.length], data: Int32Array.from(starts) }],
  ]);
}

/** Adam as in the paper, over those steps alone in which the parameter moves. */
function adamOver(slope: number, moving: readonly number[]): number[] {
  let [p, m, v, t] = [1, 0, 0, 0];
  return Array.from({ length: 12 }, (_, step) => {
    if (!moving.includes(step)) return p;
    const g = slope * (1 + step);
    t++;
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    p -= (rate * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
    return p;
  });
}

test.each([
  ['as planned', [0, 3, 5, 6, 8], { early: [0, 1, 2, 3, 4, 5, 8, 9, 10, 11], late: [3, 4, 6, 7, 8, 9, 10, 11] }],
  [
    'earlier than planned, by the same programs',
    [0, 1, 2, 2, 7],
    { early: [0, 1, 7, 8, 9, 10, 11], late: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
  ],
])('a parameter that joins late, or rests, moves by Adam over its own steps: %s', async (_, starts, moving) => {
  const places = await course(starts);
  const expected = { early: adamOver(0.5, moving.early), late: adamOver(-2, moving.late) };
  for (const name of ['early', 'late'] as const) {
    places[name].forEach((place, step) => {
      expect(place, `${name} after step ${step}`).toBeCloseTo(expected[name][step], 6);
    });
  }
  // The first move is as long as the rate, whenever it comes.
  expect(places.late[moving.late[0]] - 1).toBeCloseTo(rate, 6);
});
