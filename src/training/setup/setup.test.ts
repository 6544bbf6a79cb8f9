import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { resolve } from '../../config/resolve.ts';
import type { ImageRecord } from '../../data/dataset.ts';
import { countVocabulary } from '../../data/tokens/vocabulary.ts';
import { fromFloat16 } from '../../files/float16.ts';
import { writeNpy } from '../../files/npy.ts';
import type { Spec } from '../../graph/tensor.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import { trainingPresets } from '../../methods/presets.ts';
import { type TrainingValues, trainingSchema } from '../../methods/schema.ts';
import { type ParameterSpec, parameterCount } from '../../nn/parameters.ts';
import { writeDrawnFeatures } from '../../testing/scenes.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { stateOf } from '../program/step.ts';
import { planOf } from './blueprint.ts';
import { corruptionOf, longestOf, tokenizeAll, tokenizerOf } from './captions.ts';
import { FeatureFiles, regionSource } from './features.ts';
import { initialState } from './initial-state.ts';
import { extended, lengthsOf } from './lengths.ts';
import { requireImages } from './materials.ts';
import type { ModelFacts } from './model.ts';
import { readModelFiles, tokenizerFile, writeModelFiles } from './model-files.ts';
import { memoryNeeds } from './needs.ts';
import { scheduleOptions } from './optimiser.ts';
import { bytesOf, loadPictures } from './pictures.ts';

const values = (flags: Record<string, string | boolean> = {}, preset?: string): TrainingValues =>
  resolve(trainingSchema, { presets: trainingPresets, preset, flags: { 'data.path': 'photos', ...flags } });
const facts: ModelFacts = { vocabulary: 50, longest: 12, features: { width: 6, regions: 4, dtype: 'float16' } };
const image = (id: string, more: Partial<ImageRecord> = {}): ImageRecord => ({
  id,
  split: 'train',
  captions: [{ id: `${id}#0`, text: 'a dog' }],
  metadata: {},
  ...more,
});
const silentProgress = { update() {}, note() {}, finish() {} };
const coded = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    ({ code, message }) => `${code} ${message}`,
  );

describe('lengths', () => {
  test('epochs become steps, rounded, at least one', () => {
    expect(lengthsOf(values({ 'training.epochs': '2.5' }), 10)).toEqual({ epoch: 10, run: 25, evaluateEvery: 10 });
    expect(lengthsOf(values({ 'training.epochs': '0.01' }), 10).run).toBe(1);
    const inSteps = { 'training.steps': '7', 'training.evaluateEvery': '3', 'training.evaluateUnit': 'steps' };
    expect(lengthsOf(values(inSteps), 10)).toEqual({ epoch: 10, run: 7, evaluateEvery: 3 });
  });

  test('a run is extended in the unit that it was begun in', () => {
    const further = { 'run.resume': true, 'run.directory': 'run', 'run.extendTo': '12' };
    expect(extended(values({ ...further, 'training.epochs': '5' })).training).toMatchObject({
      epochs: 12,
      steps: null,
    });
    expect(extended(values({ ...further, 'training.steps': '5' })).training.steps).toBe(12);
    expect(extended(values())).toEqual(values());
  });

  test('milestones are given in epochs', () => {
    const schedule = scheduleOptions(values({}, 'vse-infinity'), 234);
    expect(schedule).toMatchObject({ kind: 'step', peak: 5e-4, warmup: 0, milestones: [15 * 234], gamma: 0.1 });
  });
});

describe('captions', () => {
  test('the tokenizer cuts captions where the run does, also when it is read again', async () => {
    const texts = ['a red dog runs over the green grass', 'a dog', 'a red cat'];
    const tokenizer = await tokenizerOf({ file: null, minimumCount: 2, length: 5 }, texts);
    const tokenized = await tokenizeAll(texts, tokenizer);
    expect(longestOf(tokenized)).toBe(5);
    expect(tokenizer.decode(tokenized[2].ids)).toBe('a red <unk>');

    const folder = temporaryFolder();
    await writeModelFiles(folder, { tokenizer, facts });
    const again = await readModelFiles(folder);
    expect(again.facts).toEqual(facts);
    expect(again.tokenizer.toJSON()).toEqual(tokenizer.toJSON());
    const file = join(folder, tokenizerFile);
    const longer = await tokenizerOf({ file, minimumCount: 9, length: 30 }, []);
    expect([longer.size, longer.maxLength]).toEqual([tokenizer.size, 30]);
  });

  test('facts of towers over pixels leave features out', async () => {
    const folder = temporaryFolder();
    const tokenizer = countVocabulary(['a a a a']);
    await writeModelFiles(folder, { tokenizer, facts: { ...facts, features: undefined } });
    expect((await readModelFiles(folder)).facts).toEqual({ vocabulary: 50, longest: 12, features: undefined });
    writeFileSync(join(folder, 'facts.json'), '{"vocabulary":0}');
    expect(await coded(readModelFiles(folder))).toMatch(/^DIPTYCH_JSON_SHAPE .*vocabulary/);
  });

  test('words are corrupted as the shares say, or not at all', () => {
    const { augmentation } = values({}, 'vse-infonce');
    expect(corruptionOf(augmentation)).toEqual({ probability: 0.2, mask: 0.5, random: 0, remove: 0.5 });
    expect(corruptionOf({ ...augmentation, wordDrop: 0 })).toBeUndefined();
  });
});

describe('features of images', () => {
  async function files(): Promise<FeatureFiles> {
    const opened = new FeatureFiles();
    onTestFinished(() => opened.close());
    return opened;
  }

  test('rows are found by id in the named file, or where the records say', async () => {
    const path = join(temporaryFolder(), 'f.npy');
    await writeDrawnFeatures(path, ['a', 'b', 'c'], [4, 6]);
    const opened = await files();
    const named = await regionSource(opened, [image('c'), image('a')], path);
    expect(named).toMatchObject({ regions: 4, width: 6, views: 1, dtype: 'float16' });
    const strange = [image('x', { features: path, row: 2 })];
    expect(await coded(regionSource(opened, strange, undefined))).toMatch(/^DIPTYCH_FEATURES_IDS/);
    const first = (await named.read(0, 0)) as Uint16Array;
    const again = await regionSource(opened, [image('c', { features: path })], undefined);
    expect(fromFloat16(first)).toEqual(fromFloat16((await again.read(0, 0)) as Uint16Array));
    const fingerprints = await opened.fingerprints();
    expect(Object.entries(fingerprints)).toEqual([['features f.npy', expect.stringMatching(/^[0-9a-f]{64}$/)]]);
  });

  test('files without a sidecar are read by the rows of the records', async () => {
    const path = join(temporaryFolder(), 'f.npy');
    await writeNpy(path, { dtype: 'float32', shape: [2, 1, 2], data: Float32Array.of(1, 2, 3, 4) });
    const source = await regionSource(await files(), [image('x', { features: path, row: 1 })], undefined);
    expect(await source.read(0, 0)).toEqual(Float32Array.of(3, 4));
  });

  test('what has no features, or features of two forms, is refused with its name', async () => {
    const folder = temporaryFolder();
    const [a, b] = [join(folder, 'a.npy'), join(folder, 'b.npy')];
    await writeDrawnFeatures(a, ['a'], [4, 6]);
    await writeDrawnFeatures(b, ['b'], [4, 5]);
    const opened = await files();
    expect(await coded(regionSource(opened, [image('a')], undefined))).toMatch(
      /^DIPTYCH_TRAINING_FEATURES a: no features/,
    );
    const mixed = [image('a', { features: a }), image('b', { features: b })];
    expect(await coded(regionSource(opened, mixed, undefined))).toContain(`DIPTYCH_TRAINING_FEATURES ${b}`);
    expect(await coded(regionSource(opened, [image('c')], a))).toMatch(/^DIPTYCH_FEATURES_IDS/);
  });

  test('pixels need pictures, and splits need images', async () => {
    expect(
      await coded(loadPictures([image('a')], bytesOf(values({ 'image.imageSize': '8' })), silentProgress)),
    ).toMatch(/^DIPTYCH_TRAINING_PICTURES a:/);
    const dataset = { name: 'd', root: '/', images: [image('a')], quarantined: [], fingerprint: '' };
    expect(requireImages(dataset, ['train'])).toHaveLength(1);
    expect(() => requireImages(dataset, ['train', 'val'])).toThrow('no images in split val; it has train');
  });
});

describe('plan and state', () => {
  const small = { 'embedding.dimension': '8', 'text.wordDimension': '4', 'optimiser.averageDecay': '0.9' };
  const blueprint = { values: values(small), facts, epochLength: 10 };

  test('averages begin as copies of the weights, moments at zero', () => {
    const plan = planOf(blueprint);
    expect(plan.weights).toBe('average');
    const state = initialState(plan.training, 3);
    const weights = state.get('params.image.projection.linear.weight')!;
    const average = state.get('average.image.projection.linear.weight')!;
    expect(average).toEqual(weights);
    expect(average.data).not.toBe(weights.data);
    const moments = [...state].filter(([path]) => path.startsWith('moments.'));
    expect(moments.length).toBeGreaterThan(10);
    expect(moments.every(([, { data }]) => data.every((value) => value === 0))).toBe(true);
    expect(initialState(plan.training, 3)).toEqual(state);
    expect(initialState(plan.training, 4)).not.toEqual(state);
  });

  test('a pattern that fits no parameter is refused before anything is computed', () => {
    const flags = { 'optimiser.groups': '[{"pattern":"txet.*","frozen":true}]' };
    const { training } = planOf({ ...blueprint, values: values({ ...small, ...flags }) });
    expect(() => stateOf(training)).toThrow('txet.*');
  });

  test('memory grows with batch, layers and dimension', () => {
    const needs = (flags: Record<string, string>, known: ModelFacts = facts) => {
      const all = values(flags);
      const { training } = planOf({ values: all, facts: known, epochLength: 10 });
      return memoryNeeds(leavesOf(stateOf(training) as unknown as Tree<Spec>), all, known, 0);
    };
    const least = needs({});
    expect(least.batch).toBe(128 * 4 * 6 * 2);
    expect(needs({ 'training.batchSize': '256' }).activations).toBe(2 * least.activations);
    expect(needs({ 'embedding.dimension': '1024' }).state).toBeGreaterThan(1.5 * least.state);
    const pixels = { ...facts, features: undefined };
    const [shallow, deep] = ['1', '4'].map((layers) =>
      needs({ 'image.kind': 'pixels', 'image.layers': layers }, pixels),
    );
    expect(shallow.batch).toBe(128 * 3 * 64 * 64);
    expect(deep.activations).toBeGreaterThan(2 * shallow.activations);
  });

  describe('memory counts', () => {
    const dimension = 32;
    const needs = (flags: Record<string, string | boolean>) => {
      const all = values({ 'embedding.dimension': `${dimension}`, 'relation.heads': '2', ...flags });
      const { training } = planOf({ values: all, facts, epochLength: 10 });
      const state = stateOf(training) as unknown as Tree<Spec>;
      return { ...memoryNeeds(leavesOf(state), all, facts, 0), training };
    };
    const countOfTree = (tree: unknown) => parameterCount(tree as Tree<ParameterSpec>);

    test('momentum copies, their queues, and their pass through the towers', () => {
      const flags = { 'objectives.terms': 'vse,coder', 'coder.concepts.branch': false, 'coder.keys.queue': '256' };
      const [plain, copied] = [needs({}), needs(flags)];
      const { image, text } = copied.training.encoder;
      const towers = countOfTree(image.parameters) + countOfTree(text.parameters);
      const own = copied.training.objectives.find(({ name }) => name === 'coder')!;
      const learnt = countOfTree(own.parameters);
      // Copies, two queues, ids, pointer; parameters of the objective with both moments.
      expect(copied.state - plain.state).toBe(4 * (towers + 2 * 256 * dimension + 256 + 1 + 3 * learnt));
      expect(copied.activations - plain.activations).toBe(
        4 * 128 * 3 * dimension * (facts.features!.regions + facts.longest),
      );
    });

    test('the batch that keys see of their own', () => {
      const flags = { 'objectives.terms': 'coder', 'coder.concepts.branch': false, 'coder.keys.queue': '256' };
      const independent = { 'coder.keys.augmentation': 'independent' };
      const [same, own] = [needs(flags), needs({ ...flags, ...independent })];
      expect(own).toMatchObject({ batch: 2 * same.batch, state: same.state, activations: same.activations });
      // Without copies there are no keys to feed.
      expect(needs(independent).batch).toBe(same.batch);
      expect(needs({ ...flags, ...independent, 'coder.keys.queue': '0' }).batch).toBe(same.batch);
    });

    test('fragment layers', () => {
      const [one, both] = [needs({ 'relation.layer': 'image' }), needs({ 'relation.layer': 'both' })];
      const layerOf = ({ training }: typeof one) =>
        countOfTree((training.encoder.image.parameters as { layer: unknown }).layer);
      const pooling = countOfTree((one.training.encoder.text.parameters as { pooling: unknown }).pooling);
      // The layer and its moments, less the pooling that it takes the place of.
      expect(both.state - one.state).toBe(4 * 3 * (layerOf(one) - pooling));
      expect(one.activations).toBeGreaterThan(needs({}).activations);
      expect(both.activations).toBeGreaterThan(one.activations);
    });

    test('further views', () => {
      const icc = { 'objectives.terms': 'icc', 'icc.heads.hidden': '8' };
      const [plain, two] = [needs({}), needs(icc)];
      expect([two.activations, two.batch]).toEqual([2 * plain.activations, 2 * plain.batch]);
      expect(needs({ ...icc, 'icc.views.image': 'three' }).batch).toBe(3 * plain.batch);
    });
  });
});
