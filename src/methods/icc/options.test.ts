/** @file Options, stages and presets of ICC: reconstructed choices say so, every alternative reaches the objective. */
import { describe, expect, test } from 'vitest';
import { definePresets } from '../../config/presets.ts';
import { resolve } from '../../config/resolve.ts';
import { defineSchema } from '../../config/schema.ts';
import { compositionOf } from '../composition.ts';
import { trainingSchema } from '../schema.ts';
import { stageAt } from '../stages.ts';
import { encoder } from '../testing/scene.ts';
import type { IccParameters } from './objective.ts';
import { iccFault, iccOptions, iccOptionsOf, intraFault } from './options.ts';
import { iccPresets } from './presets.ts';
import { iccStages, type StageContext } from './stages.ts';

const schema = defineSchema({ icc: iccOptions });
const valuesWith = (flags: Record<string, string | boolean> = {}) => resolve(schema, { flags }).icc;
const contextOf = (icc: ReturnType<typeof valuesWith>, rounds = true) =>
  iccOptionsOf(icc, { encoder, pairs: 4, rounds, teacherDimension: 6 });

test('the help of every reconstructed option says so', () => {
  const rows = schema.options.filter(({ option }) => option.source === 'reconstructed');
  expect(rows.length).toBeGreaterThan(9);
  for (const { name, option } of schema.options)
    expect(option.help.startsWith('reconstructed: '), name).toBe(option.source === 'reconstructed');
});

test('defaults are those of the specification', () => {
  expect(contextOf(valuesWith())).toEqual({
    encoder,
    pairs: 4,
    width: 6,
    cross: { temperature: 0.07, learnTemperature: true, duplicates: 'mask', views: 'same' },
    image: { weight: 1, temperature: 0.1, head: { hidden: 4096, output: 256, norm: 'batch' } },
    text: { weight: 1, temperature: 0.05, head: { hidden: 4096, output: 256, norm: 'batch' } },
    thirdView: false,
    teacherDimension: 6,
    guard: { share: 0.95, centred: true, within: 0.95 },
  });
});

test.each([
  [{ 'icc.cross.duplicates': 'soft' }, { cross: { duplicates: 'soft' } }],
  [{ 'icc.cross.duplicates': 'mask' }, { cross: { duplicates: 'mask' } }],
  [{ 'icc.cross.views': 'all' }, { cross: { views: 'all' } }],
  [{ 'icc.views.image': 'three' }, { thirdView: true }],
  [{ 'icc.text.norm': 'layer' }, { text: { head: { norm: 'layer' } } }],
  [{ 'icc.heads.towerWidth': '9' }, { width: 9 }],
  [{ 'icc.guard.share': '0' }, { guard: undefined }],
  [{ 'icc.guard.centred': false }, { guard: { centred: false } }],
  [{ 'icc.intra.form': 'tcl', 'icc.intra.queue': '8' }, { momentum: { queue: 8, momentum: 0.995 } }],
  [{ 'icc.image.weight': '0' }, { image: { weight: 0 } }],
] as [Record<string, string | boolean>, object][])('an alternative reaches the objective: %o', (flags, expected) => {
  expect(contextOf(valuesWith(flags))).toMatchObject(expected);
});

test('without rounds there is no teacher, and no guard', () => {
  expect(contextOf(valuesWith(), false).guard).toBe(undefined);
});

test('what contradicts itself is said', () => {
  const words = { wordDrop: 0, textKind: 'bigru' };
  expect(iccFault(valuesWith(), words)).toBe(undefined);
  expect(iccFault(valuesWith({ 'icc.views.text': 'corrupted' }), words)).toMatch(/--word-drop above 0/);
  expect(iccFault(valuesWith(), { ...words, textKind: 'vector' })).toMatch(/no words to change/);
  const third = valuesWith({ 'icc.views.image': 'three', 'icc.image.weight': '0' });
  expect(iccFault(third, words)).toMatch(/weighs 0/);
  const tcl = { 'icc.intra.form': 'tcl' };
  expect(intraFault(valuesWith(tcl))).toBe(undefined);
  expect(intraFault(valuesWith({ ...tcl, 'icc.views.image': 'three' }))).toMatch(/no third image view/);
  expect(intraFault(valuesWith({ ...tcl, 'icc.heads.towerWidth': '9' }))).toMatch(/no --icc-tower-width/);
});

describe('stages', () => {
  const staged = (flags: Record<string, string>, more: Partial<StageContext> = {}) => {
    const icc = valuesWith(flags);
    const towers = [{ encoder: 'image.base.encoder', layers: 4 }];
    const storable = ['image'] as const;
    const context = { options: contextOf(icc), towers, storable, crossHeads: true, epochLength: 10, clustersFrom: 8 };
    return iccStages(icc, { ...context, ...more });
  };

  test('follow each other, each with its rates and what stands still', () => {
    const stages = staged({});
    expect(stages.map(({ name, from }) => [name, from])).toEqual([
      ['icc-adaptation', 0],
      ['icc-alignment', 10],
      ['icc-joint', 40],
      ['icc-clustered', 80],
    ]);
    expect(stages.map(({ learningRate }) => learningRate)).toEqual([1, 1, 0.2, 0.1]);
    expect(stages.map(({ frozen }) => frozen)).toEqual([
      ['objectives.icc.logScale', 'image.head.*', 'text.head.*'],
      ['image.base.encoder.*', 'objectives.icc.heads.*'],
      undefined,
      undefined,
    ]);
    expect(stages.map(({ stored }) => stored)).toEqual([undefined, ['image'], undefined, undefined]);
    expect(staged({ 'icc.stages.alignmentVectors': 'encoded' })[1].stored).toBe(undefined);
    const layers = (factor: number) => [{ pattern: 'image.base.encoder.*', factor }];
    expect(stages.map(({ factors }) => factors)).toEqual([layers(0.01), undefined, layers(0.1), layers(0.1)]);
    expect(stageAt(stages, 79).name).toBe('icc-joint');
  });

  test('of length 0 are left out; clusters may begin before the joint stage, or never', () => {
    const names = (flags: Record<string, string>, more: Partial<StageContext> = {}) =>
      staged(flags, more).map(({ name, from }) => `${name.slice(4)} ${from}`);
    expect(names({ 'icc.stages.adaptation': '0' }, { clustersFrom: null })).toEqual(['alignment 0', 'joint 30']);
    expect(names({}, { clustersFrom: 2 })).toEqual(['adaptation 0', 'alignment 10', 'clustered 20']);
    expect(names({ 'icc.image.weight': '0', 'icc.text.weight': '0' })[0]).toBe('alignment 0');
    expect(names({}, { clustersFrom: 0 })).toEqual(['clustered 0']);
  });

  test('other schemes: all from the start, or pretrained towers freed step by step', () => {
    expect(staged({ 'icc.stages.scheme': 'joint' }).map(({ name }) => name)).toEqual(['icc-joint', 'icc-clustered']);
    const freed = staged({ 'icc.stages.scheme': 'unfreezing' });
    expect(freed.map(({ name, from }) => [name, from])).toEqual([
      ['icc-heads', 0],
      ['icc-upper', 20],
      ['icc-joint', 40],
      ['icc-clustered', 80],
    ]);
    expect(freed[1].frozen).toEqual([
      'image.base.encoder.embeddings.*',
      'image.base.encoder.layers.0.*',
      'image.base.encoder.layers.1.*',
    ]);
  });

  test('towers from scratch without heads beyond their output stand still for nothing but the temperature', () => {
    const scratch = staged({}, { towers: [], storable: [], crossHeads: false });
    expect(scratch.map(({ frozen }) => frozen)).toEqual([
      ['objectives.icc.logScale'],
      ['objectives.icc.heads.*'],
      undefined,
      undefined,
    ]);
  });
});

describe('the runs that test the claim of the abstract, as the README names them', () => {
  const clip = {
    'icc.image.weight': '0',
    'icc.text.weight': '0',
    'icc.stages.adaptation': '0',
    'clusters.start': 'none',
    'icc.cross.views': 'first',
  };
  const images = { 'icc.image.weight': '0.3' };
  const texts = { 'icc.text.weight': '0.3' };
  const [aligned, adapted] = [
    ['alignment', 'joint'],
    ['adaptation', 'alignment', 'joint'],
  ];
  const views = ['views'];

  test.each<[string, Record<string, string | boolean>, { stages: string[]; heads: string[]; inputs: string[] }]>([
    ['A0', clip, { stages: aligned, heads: [], inputs: [] }],
    ["A0'", { ...clip, 'icc.cross.views': 'same' }, { stages: aligned, heads: [], inputs: views }],
    ['A1', { ...clip, ...images }, { stages: aligned, heads: ['image'], inputs: views }],
    ['A2', { ...clip, ...texts }, { stages: aligned, heads: ['text'], inputs: views }],
    ['A3', { ...clip, ...images, ...texts }, { stages: aligned, heads: ['image', 'text'], inputs: views }],
    [
      'A4',
      { ...clip, ...images, ...texts, 'icc.stages.adaptation': '0.5' },
      { stages: adapted, heads: ['image', 'text'], inputs: views },
    ],
    ['A6', {}, { stages: [...adapted, 'clustered'], heads: ['image', 'text'], inputs: ['views', 'teacher'] }],
    ['A7', { 'icc.guard.share': '0' }, { stages: [...adapted, 'clustered'], heads: ['image', 'text'], inputs: views }],
    ['A9', { ...clip, 'clusters.start': '8' }, { stages: [...aligned, 'clustered'], heads: [], inputs: ['teacher'] }],
  ])('%s', (_, flags, expected) => {
    const values = resolve(trainingSchema, {
      flags: { 'data.path': 'photos', ...flags },
      presets: iccPresets,
      preset: 'icc',
    });
    const stages = compositionOf(values, { encoder, pairs: 128, epochLength: 100, concepts: undefined });
    const { parameters, inputs } = stages.at(-1)!.weighted[0].objective;
    const { heads } = parameters as IccParameters<unknown>;
    expect({
      stages: stages.map(({ name }) => name.replace('icc-', '')),
      heads: Object.keys(heads),
      inputs: Object.keys(inputs),
    }).toEqual(expected);
  });
});

test('presets are legal', () => {
  expect(definePresets(trainingSchema, iccPresets)).toBe(iccPresets);
});
