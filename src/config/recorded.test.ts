import { expect, test } from 'vitest';
import { absolutePaths } from './paths.ts';
import { valuesIn } from './recorded.ts';
import { resolve } from './resolve.ts';
import { engineSchema } from './training.ts';

test('the record of a run gives its configuration without where it ran; other files are taken as they are', () => {
  const configuration = { data: { path: 'x' }, run: { directory: 'here', resume: true }, training: { epochs: 2 } };
  const record = { format: 1, configuration, lengths: [], sessions: [{}] };
  expect(valuesIn(record)).toEqual({ data: { path: 'x' }, training: { epochs: 2 } });
  expect(valuesIn({ training: { epochs: 2 } })).toEqual({ training: { epochs: 2 } });
  expect(valuesIn({ configuration: 'x' })).toEqual({ configuration: 'x' });
});

test('paths become absolute, other texts and what is none stay', () => {
  const flags = { 'data.path': 'photos/captions.csv', 'features.file': '/f.npy', 'data.valSplit': 'dev' };
  const { data, features, tokens, optimiser } = absolutePaths(engineSchema.members, resolve(engineSchema, { flags }));
  expect(data.path).toBe(`${process.cwd()}/photos/captions.csv`);
  expect([data.valSplit, features.file, tokens.file]).toEqual(['dev', '/f.npy', null]);
  expect(optimiser.betas).toEqual([0.9, 0.999]);
});
