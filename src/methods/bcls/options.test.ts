import { expect, test } from 'vitest';
import { definePresets } from '../../config/presets.ts';
import { resolve } from '../../config/resolve.ts';
import { trainingSchema } from '../schema.ts';
import { negativesOf, rankingOf, relevanceSource } from './options.ts';
import { bclsPresets } from './presets.ts';

const valuesWith = (flags: Record<string, string>, preset?: string) =>
  resolve(trainingSchema, { flags: { 'data.path': 'photos', ...flags }, presets: bclsPresets, preset });

test('presets are legal, and bcls weighs the ranking loss', () => {
  expect(definePresets(trainingSchema, bclsPresets)).toBe(bclsPresets);
  const { relevance, triplet } = valuesWith({}, 'bcls');
  expect([relevance.weight, triplet.margin]).toEqual([1, 0.2]);
  expect(negativesOf(triplet)).toEqual({ form: 'logSumExp', temperature: 0.01 });
  expect(rankingOf(relevance, 128)).toEqual({ form: 'window', variant: 'A', window: 16, margin: 0 });
  const successor = valuesWith({}, 'bcls-successor');
  expect(negativesOf(successor.triplet)).toEqual({ form: 'hardest' });
  expect(rankingOf(successor.relevance, 128)).toMatchObject({ form: 'gap', gap: 0.3 });
});

test('the help of every reconstructed option says so', () => {
  const own = trainingSchema.options.filter(({ name }) => /^(relevance|triplet)\./.test(name));
  const rows = own.filter(({ option }) => option.source === 'reconstructed');
  expect(rows.length).toBeGreaterThan(6);
  for (const { name, option } of rows) expect(option.help, name).toMatch(/^reconstructed: /);
  for (const { name, option } of own)
    expect(option.help.startsWith('reconstructed'), name).toBe(option.source === 'reconstructed');
});

test.each([
  ['window-b', { form: 'window', variant: 'B', window: 2, margin: 0 }],
  ['window-c', { form: 'window', variant: 'C', window: 2, margin: 0 }],
  ['gap', { form: 'gap', gap: 0.3 }],
  ['full', { form: 'full', margin: 0 }],
])('ranking %s', (ranking, expected) => {
  expect(rankingOf(valuesWith({ 'relevance.ranking': ranking }).relevance, 16)).toEqual(expected);
});

test.each(['window-a', 'gap', 'full'])('a smooth step in place of the hinge: %s', (ranking) => {
  const values = (surrogate: string) =>
    valuesWith({ 'relevance.ranking': ranking, 'relevance.surrogate': surrogate }).relevance;
  expect(rankingOf(values('tanh'), 16).surrogate).toEqual({ form: 'tanh', temperature: 0.1 });
  expect(rankingOf(values('sigmoid'), 16).surrogate).toEqual({ form: 'sigmoid', temperature: 0.1 });
  expect(rankingOf(values('hinge'), 16)).not.toHaveProperty('surrogate');
});

test('a window of its own counts; an eighth of a tiny batch is at least one rank', () => {
  expect(rankingOf(valuesWith({ 'relevance.window': '5' }).relevance, 16)).toMatchObject({ window: 5 });
  expect(rankingOf(valuesWith({}).relevance, 3)).toMatchObject({ window: 1 });
});

test.each([
  ['weighted-negative', { form: 'weightedNegative', temperature: 0.5 }],
  ['weighted-hinges', { form: 'weightedHinges', temperature: 0.5 }],
  ['selected', { form: 'selected', tolerance: 0.01 }],
])('negatives %s', (negatives, expected) => {
  const { triplet } = valuesWith({ 'triplet.negatives': negatives, 'triplet.temperature': '0.5' });
  expect(negativesOf(triplet)).toEqual(expected);
});

test('labels and file go together', () => {
  const relevance = (flags: Record<string, string>) => valuesWith({ 'relevance.weight': '1', ...flags }).relevance;
  expect(relevanceSource(relevance({}), 'cache')).toEqual({ kind: 'cider', aggregate: 'max', cache: 'cache' });
  for (const labels of ['vectors', 'words', 'images', 'matrix']) {
    const named = relevance({ 'relevance.labels': labels, 'relevance.file': 'x.npy' });
    expect(relevanceSource(named)).toMatchObject({ kind: labels, file: 'x.npy' });
    expect(() => relevance({ 'relevance.labels': labels })).toThrow('name it');
    expect(() => valuesWith({ 'relevance.labels': labels })).not.toThrow();
  }
  const encoder = relevance({ 'relevance.labels': 'encoder', 'relevance.file': 'mpnet' });
  expect(relevanceSource(encoder, 'c')).toEqual({ kind: 'encoder', folder: 'mpnet', aggregate: 'max', cache: 'c' });
  expect(() => relevance({ 'relevance.file': 'x.npy' })).toThrow('reads no file');
});
