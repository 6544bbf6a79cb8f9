import { expect, expectTypeOf, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import type { ParameterGroup } from '../training/optimisers/groups.ts';
import { describe } from './form.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { consequences } from './page.ts';
import { resolve } from './resolve.ts';
import { type EngineValues, engineSchema } from './training.ts';

const data = { 'data.path': 'photos' };

test('every default is legal, and every number says what happens if it is too small or too large', () => {
  for (const { name, option } of engineSchema.options) {
    if (name !== 'data.path') expect(option.type.safeParse(option.default), name).toMatchObject({ success: true });
    expect(option.help, name).toMatch(/^[^\n]{10,120}$/);
    expect(option.help, name).not.toMatch(/\.$/);
    const measured = /^(integer|number)/.test(describe(option.type)) && !/seed|step|floor|shares/i.test(name);
    if (measured) expect(consequences(option), name).toHaveLength(2);
  }
});

test('values have precise types', () => {
  const values: EngineValues = resolve(engineSchema, { flags: data });
  expectTypeOf(values.loss.kind).toEqualTypeOf<'hinge-sum' | 'hinge-hardest' | 'infonce' | 'siglip'>();
  expectTypeOf(values.training.steps).toEqualTypeOf<number | null>();
  expectTypeOf(values.optimiser.groups).toExtend<readonly ParameterGroup[]>();
  expect(values.optimiser.betas).toEqual([0.9, 0.999]);
});

test('parameter groups say what differs, and nothing else', () => {
  const flags = { ...data, 'optimiser.groups': '[{"pattern":"text.*","factor":0.1}]' };
  expect(resolve(engineSchema, { flags }).optimiser.groups).toEqual([{ pattern: 'text.*', factor: 0.1 }]);
});

test.each([
  [{ 'data.valSplit': 'test' }, 'the test split never chooses a model'],
  [{ 'data.trainSplits': 'train,test' }, 'the test split is never trained on'],
  [{ 'data.trainSplits': 'train,val' }, 'either trained on or evaluated on'],
  [{ 'image.kind': 'pixels', 'image.patchSize': '7' }, '64 pixels are no whole number of patches of 7'],
  [{ 'image.kind': 'pixels', 'image.heads': '5' }, 'width 192 cannot be shared evenly by 5 heads'],
  [{ 'text.kind': 'transformer', 'text.heads': '7' }, 'width 256 cannot be shared evenly by 7 heads'],
  [{ 'schedule.floor': '0.1' }, 'the floor lies above the learning rate'],
  [{ 'run.resume': true }, 'name the folder of the run to resume'],
  [{ 'run.fromStep': '7' }, 'only a run that is resumed has steps'],
  [{ 'run.extendTo': '7' }, 'only a run that is resumed is extended'],
  [{ 'augmentation.wordShares': '0,0,0' }, 'one of the three shares must be above 0'],
  [{ 'image.kind': 'pixels', 'features.file': 'f.npy' }, 'a tower of kind pixels reads pictures, not features'],
])('options that contradict each other are refused', (flags, reason) => {
  try {
    resolve(engineSchema, { flags: { ...data, ...flags } });
    expect.unreachable();
  } catch (error) {
    expect(isDiptychError(error, 'DIPTYCH_CONFIG_RULE')).toBe(true);
    expect((error as Error).message).toContain(reason);
  }
});

test('the JSON Schema names every option with its default, and allows no other key', () => {
  const json = jsonSchemaOf(engineSchema, ['vse++']);
  expect(json.additionalProperties).toBe(false);
  expect(json.required).toBeUndefined();
  type Node = {
    properties: Record<string, Node>;
    default?: unknown;
    description: string;
    additionalProperties?: boolean;
  };
  const root = json as unknown as Node;
  expect(root.properties.preset).toMatchObject({ enum: ['vse++'] });
  for (const { name, option } of engineSchema.options) {
    const node = name.split('.').reduce((inner, key) => inner.properties[key], root);
    expect(node, name).toMatchObject({ description: option.help });
    expect(node.default, name).toEqual(option.default);
  }
  expect(root.properties.optimiser.additionalProperties).toBe(false);
});
