/** @file Alignment over stored vectors: steps equal to those that encode, parts equal to towers, and whole runs resumed inside it. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { few, sharedFolder, train, type Values } from '../../bundle/testing/trained.ts';
import { resolve } from '../../config/resolve.ts';
import { readDataset } from '../../data/dataset.ts';
import { readTokenizer } from '../../data/tokens/load.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { writeDemoDataset } from '../../demo/write.ts';
import { readPretrained } from '../../encoders/pretrained/read.ts';
import { readSentenceModel } from '../../encoders/pretrained/sentence-model.ts';
import { tinyModel, writeModel, writeTinySentenceModel } from '../../encoders/pretrained/testing/models.ts';
import { storedFormOf } from '../../encoders/stored.ts';
import { relationOf } from '../../evaluation/relation.ts';
import { Runtime } from '../../graph/runtime/runtime.ts';
import type { Tree } from '../../graph/tree.ts';
import type { TensorData } from '../../graph/values.ts';
import { trainingSchema } from '../../methods/schema.ts';
import { initialise, type ParameterSpec } from '../../nn/parameters.ts';
import { Random } from '../../random/random.ts';
import { silent } from '../../system/progress.ts';
import { CaptionSide, widthsUpTo } from '../batches/captions.ts';
import { type PairSource, pairBatch } from '../batches/pairs.ts';
import { PixelSide } from '../batches/pixels.ts';
import { loadCheckpoint } from '../checkpoint/read.ts';
import type { NamedTensors } from '../engine.ts';
import { compileStored } from '../program/encode.ts';
import { compileTrainingStep } from '../program/step.ts';
import { contentsOf } from '../testing/files.ts';
import { type Plan, planOf } from './blueprint.ts';
import { initialState } from './initial-state.ts';
import { storedBytes, storedVectors } from './stored.ts';
import { placed } from './tuning.ts';

const folder = sharedFolder();
const models = { text: join(folder, 'text-model'), image: join(folder, 'image-model') };
const [pairs, size, longest] = [4, 32, 8];
const random = new Random('stored');
const pixels = Uint8Array.from({ length: pairs * 3 * size * size }, () => random.integer(256));
const captions = ['the dog plays', 'two dogs run', 'a red ball', 'a dog and a ball'];
const ids = ['a', 'b', 'c', 'd'];
let tokenizer: Tokenizer;
let runtime: Runtime;

beforeAll(async () => {
  await writeTinySentenceModel(models.text);
  await writeModel(models.image, await tinyModel('vit'));
  tokenizer = await readTokenizer(models.text);
  runtime = await Runtime.start({ device: 'cpu', threads: 1 });
}, 60_000);
afterAll(() => runtime.close());

const icc = {
  cross: { views: 'first' },
  image: { weight: 0 },
  text: { weight: 0 },
  heads: { towerWidth: 10 },
  stages: { alignment: 1, adaptation: 0 },
} as const;

async function planWith(alignmentVectors: 'stored' | 'encoded', more: Values = {}): Promise<Plan> {
  const content: Values = {
    embedding: { dimension: 6 },
    objectives: { terms: ['icc'] },
    image: { kind: 'pretrained', model: models.image, pooling: 'mean', dropout: 0 },
    text: { kind: 'pretrained', model: models.text, pooling: 'mean', dropout: 0 },
    fineTuning: { dropout: 0 },
    tokens: { length: longest },
    heads: { hidden: 5, dropout: 0 },
    optimiser: { weightDecay: 0.1 },
    training: { batchSize: pairs },
    ...more,
    icc: { ...icc, stages: { ...icc.stages, alignmentVectors } },
  };
  const values = resolve(trainingSchema, { file: { path: 'a test', content: { data: { path: '.' }, ...content } } });
  const { description: text } = await readPretrained(models.text);
  const { description: image } = await readPretrained(models.image);
  const facts = {
    ...{ vocabulary: tokenizer.size, longest, features: undefined, pretrained: { text, image } },
    sentences: (await readSentenceModel(models.text, longest)).description,
  };
  return planOf({ values, facts, epochLength: 3 });
}

/** Metrics and parameters after the three steps of alignment. */
async function aligned(plan: Plan, label: string) {
  const { training, stages } = plan;
  const stage = { ...stages[0], name: label };
  const weights = {
    text: (await readPretrained(models.text)).text!,
    image: (await readPretrained(models.image)).image!,
  };
  const given = Object.entries(weights).flatMap(([side, { parameters }]) =>
    [...initialise({ encoder: parameters } as Tree<ParameterSpec>, 0)].map(
      ([path, tensor]) => [`params.${side}.${path}`, tensor] as const,
    ),
  );
  const source: PairSource = {
    image: new PixelSide(pixels, size),
    text: new CaptionSide(
      captions.map((caption) => tokenizer.tokenize(caption)),
      { tokenizer, widths: widthsUpTo(longest), order: 'sequence' },
    ),
    imageOfCaption: Int32Array.of(0, 1, 2, 3),
  };
  await runtime.setState(initialState(training, 3, new Map(placed(new Map(given), training.encoder))));
  const relation = relationOf(ids.map((id) => ({ id, captions: [{ id: `${id}1` }] }) as never));
  const stored = storedVectors({
    ...{ stages, encoder: training.encoder, runtime, train: { pairs: source, relation }, progress: silent },
    background: {
      storedProgram: async (side) => compileStored(training.encoder, side, storedFormOf(training.encoder[side])!),
    },
  });
  await stored?.prepare(0, new AbortController().signal);
  const program = compileTrainingStep(training, stage);
  await runtime.load(program);
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    const batch = await pairBatch(stored?.pairsOf(0, source) ?? source, Int32Array.of(0, 1, 2, 3), { seed: 1, step });
    const number = (dtype: 'float32' | 'int32', x: number): TensorData => ({
      dtype,
      shape: [],
      data: dtype === 'float32' ? Float32Array.of(x) : Int32Array.of(x),
    });
    const feeds: NamedTensors = new Map([
      ...batch,
      ['learningRate', number('float32', 0.01)],
      ['step', number('int32', step)],
      ['stageStarts', { dtype: 'int32', shape: [1], data: Int32Array.of(0) }],
    ]);
    losses.push((await runtime.run(label, feeds)).get('loss')!.data[0]);
  }
  return { losses, program, state: await runtime.getState(), before: new Map(given) };
}

describe('steps over stored vectors equal those that encode', () => {
  test.each<[string, Values]>([
    ['means of both sides', {}],
    ['the first rows of both', { fineTuning: { dropout: 0, pooling: 'first' } }],
    ['a head on one vector of the text', { fineTuning: { dropout: 0, head: 'vector' } }],
  ])('%s', async (name, more) => {
    const stored = await aligned(await planWith('stored', more), `stored ${name}`);
    const encoded = await aligned(await planWith('encoded', more), `encoded ${name}`);
    stored.losses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(encoded.losses[i], 4);
    });
    expect(stored.losses[2]).toBeLessThan(stored.losses[0]);
    for (const [path, { data }] of encoded.state) {
      const own = stored.state.get(path)!.data;
      data.forEach((x, i) => {
        expect(Math.abs(own[i] - x), path).toBeLessThan(1e-3);
      });
    }
    // Nothing of the encoders is computed: their weights are not even read.
    expect(stored.program.inputs.some(({ path }) => path.includes('.encoder.layers'))).toBe(false);
    expect(encoded.program.inputs.some(({ path }) => path.includes('.encoder.layers'))).toBe(true);
  });
});

test('one vector of a sequence is what the options say: of the tower, of the model, or its first row', async () => {
  const shapeOf = async (pooling: 'tower' | 'model' | 'first') => {
    const text = { kind: 'pretrained', model: models.text, pooling: 'max', dropout: 0 } as const;
    const { stages } = await planWith('stored', { fineTuning: { pooling }, text });
    return stages[0].stored;
  };
  // The maximum is taken of projected rows; BERT's own mean and the first row have a vector below the projection.
  expect(await shapeOf('tower')).toEqual(['image']);
  expect([await shapeOf('model'), await shapeOf('first')]).toEqual([
    ['image', 'text'],
    ['image', 'text'],
  ]);
});

test('towers without such a seam are encoded, and so is a stage that another objective shares', async () => {
  const pooled = { kind: 'pretrained', model: models.text, pooling: 'gpo', dropout: 0 } as const;
  expect((await planWith('stored', { text: pooled })).stages[0].stored).toEqual(['image']);
  const shared = await planWith('stored', { objectives: { terms: ['icc', 'vse'] } });
  expect(shared.stages.every(({ stored }) => !stored)).toBe(true);
  const related = await planWith('stored', { relation: { layer: 'both', heads: 2, hidden: 4 } });
  expect(related.stages.every(({ stored }) => !stored)).toBe(true);
});

test('the memory that is told counts them: of both sides, of the images and captions that are trained on', async () => {
  const relation = relationOf(ids.map((id) => ({ id, captions: [{ id: `${id}1` }, { id: `${id}2` }] }) as never));
  const plan = await planWith('stored');
  const { image, text } = plan.training.encoder;
  const [images, texts] = [image, text].map((tower) => storedFormOf(tower)!.width);
  expect(storedBytes(plan, { relation })).toBe(4 * (4 * images + 8 * texts));
  expect(storedBytes(await planWith('encoded'), { relation })).toBe(0);
});

test('a run computes them where its alignment begins, holds the encoders still, and resumes inside it bit for bit', async () => {
  const data = join(folder, 'scenes');
  await writeDemoDataset(data, { train: 48, val: 16, seed: 1, size: 40 });
  const dataset = await readDataset(data);
  const steps = (count: number) => count / 30;
  const values: Values = {
    embedding: { dimension: 6 },
    objectives: { terms: ['icc'] },
    image: { kind: 'pixels', imageSize: 32, patchSize: 16, width: 8, layers: 1, heads: 2, pooling: 'mean' },
    text: { kind: 'pretrained', model: models.text, pooling: 'mean' },
    tokens: { length: 16 },
    icc: {
      heads: { towerWidth: 10, hidden: 6, output: 4 },
      stages: { adaptation: steps(2), alignment: steps(4) },
    },
    training: { ...few, batchSize: 8, steps: 8, saveEvery: 1, keepLast: 99, evaluateEvery: 8 },
  };
  const run = join(folder, 'run');
  await train(run, data, dataset, values);
  const words = 'params.text.base.encoder.layers.0.expand.weight';
  const at = async (step: number) => [...(await loadCheckpoint(run, step)).state.get(words)!.data];
  const [adapted, inside, joint] = [await at(2), await at(5), await at(7)];
  expect(inside).toEqual(adapted);
  expect(joint).not.toEqual(adapted);
  const whole = contentsOf(join(run, 'checkpoints', 'step-00000008'));
  await train(run, data, dataset, { ...values, run: { directory: run, resume: true, fromStep: 4 } });
  expect(contentsOf(join(run, 'checkpoints', 'step-00000008'))['state.safetensors']).toEqual(
    whole['state.safetensors'],
  );
  expect(whole['state.safetensors']).toBeDefined();
}, 600_000);
