/** @file Options, stages and presets: reconstructed choices say so, every alternative reaches the objectives. */
import { describe, expect, test } from 'vitest';
import { definePresets } from '../../config/presets.ts';
import { resolve } from '../../config/resolve.ts';
import { defineSchema } from '../../config/schema.ts';
import { settingsOf } from '../../training/optimisers/groups.ts';
import { trainingSchema } from '../schema.ts';
import { objectivesOf, stageAt } from '../stages.ts';
import { graphOptionsOf, hremFault, hremOptions, pairLossOf, relationFault, relationOptions } from './options.ts';
import { hremPresets } from './presets.ts';
import { hremStages } from './stages.ts';

const schema = defineSchema({ hrem: hremOptions, relation: relationOptions });
const valuesWith = (flags: Record<string, string | boolean> = {}) => resolve(schema, { flags });
const facts = { dimension: 64, epochLength: 100 };

test('the help of every reconstructed option says so', () => {
  const rows = schema.options.filter(({ option }) => option.source === 'reconstructed');
  expect(rows.map(({ name }) => name)).toEqual([
    'hrem.farNegatives',
    'hrem.padding',
    'hrem.branches',
    'hrem.crossReads',
  ]);
  for (const { name, option } of schema.options)
    expect(option.help.startsWith('reconstructed: '), name).toBe(option.source === 'reconstructed');
});

test('defaults are the values of the official code', () => {
  const { hrem, relation } = valuesWith();
  expect(pairLossOf(hrem, 'all')).toEqual({
    kind: 'distance-weighted',
    margin: 0.2,
    draws: 5,
    floor: 0.5,
    cut: 1.7,
    sphere: 512,
    order: 'masked-first',
  });
  expect(graphOptionsOf(hrem)).toEqual({
    density: 0.5,
    kernelWidth: 1,
    regulariserWeight: 10,
    temperature: 1,
    interaction: 'fusion',
    layers: 1,
    heads: 16,
    hidden: 1024,
    dropout: 0.1,
    edgeScale: 1,
    branches: 'own',
    crossReads: 'input',
    matching: { form: 'official', best: 10, padding: 'masked' },
  });
  expect(relation).toEqual({ layer: 'none', heads: 16, hidden: 1024, dropout: 0.1, residualWeight: 0.8, topValues: 2 });
});

test.each([
  [
    { 'hrem.loss': 'vse', 'hrem.margin': '0.3' },
    { kind: 'vse', margin: 0.3, negatives: 'hardest' },
  ],
  [
    { 'hrem.loss': 'infonce', 'hrem.nceTemperature': '0.1' },
    { kind: 'infonce', temperature: 0.1 },
  ],
  [
    { 'hrem.farNegatives': 'official', 'hrem.distanceCut': '1.9' },
    { order: 'official', cut: 1.9 },
  ],
  [
    { 'hrem.distanceFloor': '0.4', 'hrem.sphere': '64', 'hrem.draws': '1' },
    { floor: 0.4, sphere: 64, draws: 1 },
  ],
])('losses: %j', (flags, expected) => {
  expect(pairLossOf(valuesWith(flags).hrem, 'hardest')).toMatchObject(expected);
});

test.each([
  [{ 'hrem.matching': 'paper', 'hrem.best': '4' }, { matching: { form: 'paper', best: 4 } }],
  [{ 'hrem.padding': 'read' }, { matching: { padding: 'read' } }],
  [
    { 'hrem.interaction': 'standalone', 'hrem.branches': 'shared' },
    { interaction: 'standalone', branches: 'shared' },
  ],
  [
    { 'hrem.crossReads': 'updated', 'hrem.layers': '3' },
    { crossReads: 'updated', layers: 3 },
  ],
  [
    { 'hrem.regulariserWeight': '0', 'hrem.edgeScale': '1.5' },
    { regulariserWeight: 0, edgeScale: 1.5 },
  ],
])('graph: %j', (flags, expected) => {
  expect(graphOptionsOf(valuesWith(flags).hrem)).toMatchObject(expected);
});

describe('stages', () => {
  const stagesWith = (flags: Record<string, string | boolean>) => hremStages(valuesWith(flags).hrem, facts);
  const outline = (flags: Record<string, string | boolean>) =>
    stagesWith(flags).map(({ name, from, weighted }) => [name, from, weighted.map(({ objective }) => objective.name)]);

  test('the graph joins at its step, or after so many epochs', () => {
    expect(outline({})).toEqual([
      ['hrem-pairs', 0, ['hrem-base']],
      ['hrem-graph', 8000, ['hrem-base', 'hrem-graph']],
    ]);
    expect(outline({ 'hrem.graphStart': '1.5', 'hrem.graphStartUnit': 'epochs' })[1][1]).toBe(150);
    expect(outline({ 'hrem.graphStart': '0' })).toEqual([['hrem-graph', 0, ['hrem-base', 'hrem-graph']]]);
    expect(stageAt(stagesWith({}), 7999).name).toBe('hrem-pairs');
    expect(stageAt(stagesWith({}), 8000).name).toBe('hrem-graph');
  });

  test('without the graph there is one stage, and no parameter of its own', () => {
    const stages = stagesWith({ 'hrem.graph': false });
    expect(stages.map(({ name }) => name)).toEqual(['hrem-pairs']);
    expect(objectivesOf(stages).map(({ parameters }) => parameters)).toEqual([{}]);
  });

  test('the loss vse begins over all negatives', () => {
    expect(outline({ 'hrem.loss': 'vse', 'hrem.graphStart': '250', 'hrem.warmupEpochs': '2' })).toEqual([
      ['hrem-pairs-all-negatives', 0, ['hrem-base']],
      ['hrem-pairs-hardest-negatives', 200, ['hrem-base']],
      ['hrem-graph-hardest-negatives', 250, ['hrem-base', 'hrem-graph']],
    ]);
    expect(outline({ 'hrem.loss': 'vse', 'hrem.graph': false, 'hrem.warmupEpochs': '0' })).toEqual([
      ['hrem-pairs-hardest-negatives', 0, ['hrem-base']],
    ]);
  });
});

test('what does not fit is said before anything is computed', () => {
  const { hrem, relation } = valuesWith({ 'relation.layer': 'both' });
  expect(hremFault(hrem, { dimension: 64, pairs: 128 })).toBeUndefined();
  expect(hremFault(hrem, { dimension: 72, pairs: 128 })).toContain('16 interaction heads');
  expect(hremFault(hrem, { dimension: 64, pairs: 1 })).toContain('nobody linked');
  expect(hremFault({ ...hrem, graph: false }, { dimension: 72, pairs: 1 })).toBeUndefined();
  expect(relationFault(relation, 72)).toContain('16 heads of the fragment layer');
  expect(relationFault({ ...relation, layer: 'none' }, 72)).toBeUndefined();
});

describe('presets', () => {
  test('of the official code decay everything, biases and norms too', () => {
    for (const { name, values } of hremPresets.slice(0, 2)) {
      const groups = values.optimiser?.groups ?? [];
      const params = { bias: { shape: [3], dtype: 'float32' }, weight: { shape: [3, 2], dtype: 'float32' } } as const;
      expect(
        [...settingsOf(params, groups).values()].map(({ decays }) => decays),
        name,
      ).toEqual([true, true]);
    }
  });

  test('are legal', () => {
    expect(definePresets(trainingSchema, hremPresets)).toBe(hremPresets);
  });

  test.each(hremPresets.map(({ name }) => name))('%s: parts fit each other', (preset) => {
    const values = resolve(trainingSchema, { flags: { 'data.path': 'photos' }, presets: hremPresets, preset });
    const { embedding, training, hrem, relation } = values;
    expect(hremFault(hrem, { dimension: embedding.dimension, pairs: training.batchSize })).toBeUndefined();
    expect(relationFault(relation, embedding.dimension)).toBeUndefined();
    const stages = hremStages(hrem, { dimension: embedding.dimension, epochLength: 234 });
    expect(stages.at(-1)!.weighted).toHaveLength(2);
    expect(stages.at(-1)!.from).toBeLessThan(training.epochs * 234);
  });
});
