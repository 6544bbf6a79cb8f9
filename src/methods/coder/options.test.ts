import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { definePresets } from '../../config/presets.ts';
import { resolve } from '../../config/resolve.ts';
import { type ImageRecord, readDataset } from '../../data/dataset.ts';
import { captionsOf, imagesOf } from '../../data/relation.ts';
import { countVocabulary } from '../../data/tokens/vocabulary.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { hasShared, sharedPath } from '../../testing/shared.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { trainingSchema } from '../schema.ts';
import { encoderWithTable as encoder } from '../testing/scene.ts';
import { conceptFactsSchema, gatherConcepts } from './facts.ts';
import { conceptFeeds } from './feeds.ts';
import { conceptGraph, cvseGraph } from './graph.ts';
import { coderObjective } from './objective.ts';
import { coderOptionsOf, hasKeyViews } from './options.ts';
import { coderPresets } from './presets.ts';
import { coderStages } from './stages.ts';

const valuesWith = (flags: Record<string, string | boolean> = {}, preset?: string) =>
  resolve(trainingSchema, {
    flags: { 'data.path': 'photos', 'objectives.terms': 'coder', 'training.batchSize': '64', ...flags },
    presets: coderPresets,
    preset,
  }).coder;

const texts = ['a brown dog runs', 'a dog on the beach', 'two brown dogs run on the beach', 'a man runs'];
const tokenizer = countVocabulary(texts, { minimumCount: 1 });
const flags = { 'coder.concepts.minimumCount': '1' };
const factsOf = (values = valuesWith(flags), table: string | undefined = undefined) =>
  gatherConcepts(values, texts, { tokenizer, table });

test('presets are legal and become objectives', async () => {
  expect(definePresets(trainingSchema, coderPresets)).toBe(coderPresets);
  for (const { name } of coderPresets) {
    const values = valuesWith(flags, name);
    const facts = await factsOf(values);
    const objective = coderObjective(coderOptionsOf(values, { encoder, pairs: 64, epochLength: 10, facts }));
    expect(objective.name).toBe('coder');
    expect('concept' in objective.parameters, name).toBe(values.concepts.branch);
    expect('prototypes' in objective.parameters, name).toBe(
      values.concepts.branch && values.clusters.labels !== 'none',
    );
  }
});

test('defaults are those of the specification', async () => {
  const options = coderOptionsOf(valuesWith(flags), { encoder, pairs: 64, epochLength: 10, facts: await factsOf() });
  expect(options).toMatchObject({
    contrast: { weighting: { form: 'dcl', sharpness: 1 }, temperature: 0.07, batchWeight: 1 },
    keys: { queue: 2048, momentum: 0.999, mode: 'inference' },
    concepts: {
      hidden: 512,
      sharpness: 10,
      labelShare: 0,
      weight: 1,
      clusters: {
        labelling: { kind: 'sinkhorn', temperature: 0.05, iterations: 3, newest: 0, hard: false },
        prototypes: 512,
        prototypeMomentum: undefined,
        weight: 0.5,
        swapWeight: 0.1,
        predictionTemperature: 0.1,
      },
    },
  });
});

test('the help of every reconstructed option says so', () => {
  for (const { name, option } of trainingSchema.options.filter((row) => row.name.startsWith('coder.')))
    expect(option.help.startsWith('reconstructed: '), name).toBe(option.source === 'reconstructed');
});

test.each([
  ['dcl-h', { form: 'dcl-h', scale: 30, threshold: 0.3, hardness: 40, nearest: 64 }],
  ['dcl-u', { form: 'dcl-u', scale: 90, threshold: 0.5 }],
  ['dcl-m', { form: 'dcl-m' }],
  ['dcl-t', { form: 'dcl-t' }],
])('weighting %s', (weighting, expected) => {
  const values = valuesWith({ 'coder.contrast.weighting': weighting, 'coder.concepts.branch': false });
  const options = coderOptionsOf(values, { encoder, pairs: 64, epochLength: 10, facts: undefined });
  expect(options.contrast.weighting).toEqual(expected);
  expect(options.concepts).toBeUndefined();
});

test.each([
  ['hard', { kind: 'sinkhorn', temperature: 0.05, iterations: 3, newest: 0, hard: true }],
  ['kmeans', { kind: 'kmeans', refresh: 10, iterations: 3 }],
  ['centred', { kind: 'centred', temperature: 0.04, momentum: 0.9 }],
  ['none', undefined],
])('labels %s', async (labels, expected) => {
  const values = valuesWith({ ...flags, 'coder.clusters.labels': labels });
  const options = coderOptionsOf(values, { encoder, pairs: 64, epochLength: 10, facts: await factsOf() });
  expect(options.concepts!.clusters?.labelling).toEqual(expected);
});

test.each([
  [{ 'coder.keys.queue': '100' }, 'whole number of batches'],
  [{ 'coder.keys.queue': '0', 'coder.contrast.weighting': 'dcl-h' }, 'more keys than the queue'],
  [{ 'coder.keys.queue': '0', 'coder.clusters.labels': 'kmeans' }, 'needs a queue'],
  [{ 'coder.keys.queue': '64', 'coder.clusters.newest': '65' }, 'more newest keys'],
  [
    { 'coder.keys.queue': '64', 'coder.clusters.labels': 'kmeans', 'coder.clusters.prototypes': '129' },
    'k-means of 129 clusters needs as many keys',
  ],
  [
    { 'coder.clusters.labels': 'kmeans', 'coder.clusters.prototypeMomentum': '0.9', 'coder.clusters.prototypes': '8' },
    'k-means has means of its own',
  ],
  [{ 'coder.concepts.features': 'vectors' }, 'coder.concepts.vectors: name the file'],
] as [Record<string, string>, string][])('%o is refused', (given, message) => {
  expect(() => valuesWith(given)).toThrow(message);
});

test('the graph network may learn at a rate of its own', async () => {
  const context = { encoder, pairs: 64, epochLength: 10, facts: await factsOf() };
  const stagesWith = (given: Record<string, string | boolean>) =>
    coderStages(valuesWith({ ...flags, 'coder.concepts.graphRate': '0.2', ...given }), context);
  const [stage] = stagesWith({});
  expect(stage.factors).toEqual([{ pattern: 'objectives.coder.concept.graph.*', factor: 0.2 }]);
  const parameters = { objectives: { coder: stage.weighted[0].objective.parameters } };
  const paths = leavesOf(parameters as Tree<ParameterSpec>).map(([path]) => path);
  expect(paths.filter((path) => path.startsWith('objectives.coder.concept.graph.')).length).toBeGreaterThan(1);
  expect(stagesWith({ 'coder.concepts.graphRate': '1' })[0].factors).toBeUndefined();
  expect(stagesWith({ 'coder.concepts.branch': false })[0].factors).toBeUndefined();
});

test('what the switches of the branch and of the keys come to', async () => {
  const facts = await factsOf();
  const of = (given: Record<string, string>) =>
    coderOptionsOf(valuesWith({ ...flags, ...given }), { encoder, pairs: 64, epochLength: 10, facts });
  const graphs = ['binary', 'scaled', 'rows'].map((graph) =>
    Array.from(of({ 'coder.concepts.graph': graph }).concepts!.graph),
  );
  for (const [i, form] of (['binary', 'scaled', 'rows'] as const).entries())
    expect(graphs[i]).toEqual([...conceptGraph(facts!.concepts, { ...cvseGraph, form })]);
  expect(new Set(graphs.map(String)).size).toBe(3);
  expect(of({}).concepts!.query).toBe('pooled');
  expect(of({ 'coder.concepts.query': 'mapped' }).concepts!.query).toBe('mapped');
  expect(of({ 'coder.concepts.labelShare': '0.35' }).concepts!.labelShare).toBe(0.35);
  expect(of({}).keys.augmentation).toBe('same');
  expect(of({ 'coder.clusters.prototypeMomentum': '0.99' }).concepts!.clusters!.prototypeMomentum).toBe(0.99);
  const changed = { 'coder.keys.augmentation': 'independent', 'coder.keys.mode': 'training', 'coder.keys.queue': '0' };
  expect(of(changed).keys).toMatchObject({ augmentation: 'independent', mode: 'training', queue: 0 });
});

test.each([
  [{}, false],
  [{ 'coder.keys.augmentation': 'independent' }, true],
  [{ 'coder.keys.augmentation': 'independent', 'coder.keys.queue': '0' }, true],
  [{ 'coder.keys.augmentation': 'independent', 'coder.keys.queue': '0', 'coder.clusters.labels': 'none' }, false],
  [{ 'coder.keys.augmentation': 'independent', 'coder.keys.queue': '0', 'coder.concepts.branch': false }, false],
  [{ 'coder.keys.augmentation': 'independent', 'coder.concepts.branch': false }, true],
] as [Record<string, string | boolean>, boolean][])(
  'keys are fed views of their own where there are keys: %o',
  async (given, fed) => {
    const values = valuesWith({ ...flags, ...given });
    const facts = await factsOf(values);
    const { inputs } = coderObjective(coderOptionsOf(values, { encoder, pairs: 64, epochLength: 10, facts }));
    expect([hasKeyViews(values), 'views' in inputs]).toEqual([fed, fed]);
  },
);

describe('what data say about concepts', () => {
  test('goes through JSON unchanged, whatever nodes begin as', async () => {
    const vectors = join(temporaryFolder(), 'vectors.txt');
    writeFileSync(vectors, 'dog 1 2\nbeach 3 4\n');
    const cases = [
      [{}, undefined, 'trained'],
      [{}, 'table', 'text'],
      [{ 'coder.concepts.vectors': vectors }, 'table', 'given'],
      [{ 'coder.concepts.vectors': vectors, 'coder.concepts.features': 'text-tower' }, 'table', 'text'],
      [{ 'coder.concepts.features': 'trained' }, 'table', 'trained'],
    ] as const;
    for (const [given, table, kind] of cases) {
      const facts = await factsOf(valuesWith({ ...flags, ...given }), table);
      expect(facts!.features.kind).toBe(kind);
      expect(conceptFactsSchema.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
    }
  });

  test('classes of words are read from a file', async () => {
    const classes = join(temporaryFolder(), 'classes.json');
    writeFileSync(classes, JSON.stringify({ dog: 'object', brown: 'property', runs: 'motion' }));
    const facts = await factsOf(valuesWith({ ...flags, 'coder.concepts.classes': classes }));
    expect(facts!.concepts.words).toEqual(['dog', 'brown', 'runs']);
    writeFileSync(classes, JSON.stringify({ dog: 'animal' }));
    const error = await factsOf(valuesWith({ ...flags, 'coder.concepts.classes': classes })).catch((e) => e);
    expect(error.code).toBe('DIPTYCH_JSON_SHAPE');
  });

  test('classes of words are those of WordNet, of inflected words too, unless the file says otherwise', async () => {
    const given = { ...flags, 'coder.concepts.wordnetClasses': true };
    const { concepts } = (await factsOf(valuesWith(given)))!;
    const { concepts: byFrequency } = (await factsOf())!;
    expect(concepts.words).toEqual(['beach', 'dog', 'dogs', 'man', 'brown', 'two', 'runs', 'run']);
    expect(concepts.classes).toEqual({ object: 4, property: 2, motion: 2 });
    expect([...concepts.words].sort()).toEqual([...byFrequency.words].sort());
    expect(concepts.counts).toEqual(concepts.words.map((w) => byFrequency.counts[byFrequency.words.indexOf(w)]));
    // Ten concepts are seven objects, two properties and one motion.
    const fewer = (await factsOf(valuesWith({ ...given, 'coder.concepts.size': '10' })))!.concepts;
    expect(fewer.classes).toEqual({ object: 4, property: 2, motion: 1 });
    expect(fewer.words.at(-1)).toBe('runs');

    const classes = join(temporaryFolder(), 'classes.json');
    writeFileSync(classes, JSON.stringify({ beach: 'property', runs: 'object' }));
    const both = (await factsOf(valuesWith({ ...given, 'coder.concepts.classes': classes })))!.concepts;
    expect(both.words).toEqual(['dog', 'runs', 'dogs', 'man', 'beach', 'brown', 'two', 'run']);
    expect(both.classes).toEqual({ object: 4, property: 3, motion: 1 });
  });

  const flickr = 'data/flickr8k/dataset_flickr8k.json';
  test.skipIf(!hasShared(flickr))(
    'WordNet fills the classes on Flickr8k, down to counts as CVSE’s list has',
    async () => {
      const dataset = await readDataset(sharedPath(flickr), { images: false });
      const captions = captionsOf(imagesOf(dataset, 'train')).map(({ text }) => text);
      const values = valuesWith({ 'coder.concepts.wordnetClasses': true });
      const { concepts } = (await gatherConcepts(values, captions, { tokenizer, table: undefined }))!;
      expect(concepts.classes).toEqual({ object: 210, property: 60, motion: 30 });
      // CVSE's least counts on Flickr30K are 505, 310 and 1,466 of 145,000 captions: 105, 64 and 300 of 30,000.
      const least = [210, 270, 300].map((end) => concepts.counts[end - 1]);
      process.stderr.write(`least counts of objects, properties, motions: ${least.join(', ')}\n`);
      [105, 64, 300].forEach((expected, i) => {
        expect(least[i]).toBeGreaterThan(expected / 2);
        expect(least[i]).toBeLessThan(expected * 2);
      });
    },
  );

  test('a text tower without a table of words is no source', async () => {
    const error = await factsOf(valuesWith({ ...flags, 'coder.concepts.features': 'text-tower' })).catch((e) => e);
    expect(error.code).toBe('DIPTYCH_CODER_TABLE');
  });

  test('without the branch nothing is counted', async () => {
    expect(await factsOf(valuesWith({ 'coder.concepts.branch': false }))).toBeUndefined();
  });

  test('labels of a batch are the concepts of all captions of the image', async () => {
    const images = [texts.slice(0, 2), texts.slice(3)].map(
      (list, i): ImageRecord => ({
        id: `${i}`,
        split: 'train',
        captions: list.map((text, c) => ({ id: `${i}#${c}`, text })),
        metadata: {},
      }),
    );
    const feeds = await conceptFeeds({ words: ['dog', 'beach', 'runs', 'man'] }, images)(Int32Array.of(1, 0, 0));
    const { shape, data } = feeds.get('labels')!;
    expect([shape, [...data]]).toEqual([
      [3, 4],
      [0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0],
    ]);
  });
});
