/** @file HREM in a compiled training step: before the graph starts nothing of it is computed, afterwards it trains, never encodes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolve } from '../../config/resolve.ts';
import { defineSchema } from '../../config/schema.ts';
import type { DualEncoder } from '../../encoders/tower.ts';
import { recurrentTower } from '../../encoders/words.ts';
import type { NamedTensors } from '../../graph/runtime/protocol.ts';
import { Runtime } from '../../graph/runtime/runtime.ts';
import type { TensorData } from '../../graph/values.ts';
import { layoutFeeds, layoutOf } from '../../nn/layout.ts';
import { initialise } from '../../nn/parameters.ts';
import { Random } from '../../random/random.ts';
import { adamW } from '../../training/optimisers/adam.ts';
import { compileEncoder } from '../../training/program/encode.ts';
import { compileTrainingStep, stateOf, type TrainingPlan } from '../../training/program/step.ts';
import { plainEmbedding } from '../embedding.ts';
import type { Objective } from '../objective.ts';
import { objectivesOf } from '../stages.ts';
import { hremOptions } from './options.ts';
import { relationTower } from './relation-tower.ts';
import { hremStages } from './stages.ts';
import { linearTower } from './testing/towers.ts';

const [pairs, width, dimension, regions, vocabulary] = [6, 5, 8, 4, 20];
const lengths = [7, 5, 4, 3, 2, 2];
const relation = { dimension, heads: 2, hidden: 8, dropout: 0.1, residualWeight: 0.8, topValues: 2 };
const encoder: DualEncoder = {
  image: relationTower(linearTower(width, dimension, [regions], regions), { ...relation, stream: 'image' }),
  text: recurrentTower({
    vocabulary,
    wordDimension: 6,
    dimension,
    widths: [4, 8],
    longest: 8,
    pooling: { kind: 'mean' },
    dropout: 0,
  }),
  dimension,
};
const { hrem } = resolve(defineSchema({ hrem: hremOptions }), {
  flags: { 'hrem.heads': '2', 'hrem.hidden': '8', 'hrem.graphStart': '2', 'hrem.best': '3' },
});
const stages = hremStages(hrem, { dimension, epochLength: 10 });

const planOf = (objectives: readonly Objective[]): TrainingPlan => ({
  encoder,
  pairs,
  objectives,
  optimiser: { rule: adamW({ weightDecay: 1e-4 }), clipNorm: 2 },
  averageDecay: 0,
});

function batchAt(step: number): NamedTensors {
  const random = new Random('hrem step');
  const floats = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  const [images, texts] = [layoutOf([4, 3, 4, 2, 1, 4], [regions], 'sequence'), layoutOf(lengths, [4, 8], 'time')];
  const [regionRows, wordRows] = [images, texts].map(({ target }) => target.length);
  const scalar = (dtype: 'int32' | 'float32', value: number): TensorData => ({
    dtype,
    shape: [],
    data: dtype === 'int32' ? Int32Array.of(value) : Float32Array.of(value),
  });
  const ints = (data: Int32Array): TensorData => ({ dtype: 'int32', shape: [data.length], data });
  return new Map<string, TensorData>([
    ['image.x', { dtype: 'float32', shape: [regionRows, width], data: floats(regionRows * width) }],
    ...[...layoutFeeds(images)].map(([path, tensor]) => [`image.layout.${path}`, tensor] as const),
    ['text.ids', ints(Int32Array.from({ length: wordRows }, () => random.integer(vocabulary)))],
    ...[...layoutFeeds(texts)].map(([path, tensor]) => [`text.layout.${path}`, tensor] as const),
    ['imageIds', ints(Int32Array.of(0, 1, 2, 1, 3, 4))],
    ['key', scalar('int32', 100 + step)],
    ['learningRate', scalar('float32', 0.003)],
    ['step', scalar('int32', step)],
  ]);
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await Runtime.start({ device: 'cpu', threads: 1 });
});
afterAll(() => runtime.close());

/** State and losses after some steps of a stage. */
async function trained(name: string, plan: TrainingPlan, stage: (typeof stages)[number], steps: number) {
  const program = compileTrainingStep(plan, { ...stage, name });
  await runtime.load(program);
  await runtime.setState(initialise(stateOf(plan), 5));
  const outputs: Record<string, number>[] = [];
  for (let step = 0; step < steps; step++) {
    const metrics = await runtime.run(program.name, batchAt(step));
    outputs.push(Object.fromEntries([...metrics].map(([path, { data }]) => [path, data[0]])));
  }
  return { program, outputs, state: await runtime.getState() };
}

const [before, after] = stages;
const plan = planOf(objectivesOf(stages));

test('before the graph starts, a step is that of the two encoders alone, to the bit', async () => {
  const alone = await trained('alone', planOf([before.weighted[0].objective]), before, 3);
  const carried = await trained('carried', plan, before, 3);
  expect(carried.outputs).toEqual(alone.outputs);
  const towers = [...alone.state].filter(([path]) => /^params\.(image|text)\./.test(path));
  expect(towers.length).toBeGreaterThan(10);
  for (const [path, { data }] of towers) expect(carried.state.get(path)!.data, path).toEqual(data);
});

test('once it has started, it trains its own parameters and the towers, and the loss falls', async () => {
  const { outputs, state } = await trained('graph', plan, after, 40);
  for (const metrics of outputs)
    for (const [name, value] of Object.entries(metrics)) expect(value, name).toSatisfy(Number.isFinite);
  expect(Object.keys(outputs[0])).toContain('hrem-graph.regulariser');
  const mean = (from: number) => outputs.slice(from, from + 5).reduce((total, { loss }) => total + loss, 0) / 5;
  expect(mean(35)).toBeLessThan(0.7 * mean(0));
  const first = initialise(stateOf(plan), 5);
  for (const [path, { data }] of state) {
    if (path.startsWith('params.') && !path.endsWith('pooling')) expect(data, path).not.toEqual(first.get(path)!.data);
  }
});

test('encoders know nothing of the graph', () => {
  for (const side of ['image', 'text'] as const) {
    const { inputs } = compileEncoder({ encoder, embedding: plainEmbedding(dimension) }, side, 'params');
    expect(inputs.filter(({ path }) => path.includes('objectives'))).toEqual([]);
  }
});
