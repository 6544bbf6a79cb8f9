import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { DiptychError } from '../errors/error.ts';
import { group, option } from './option.ts';
import { definePresets } from './presets.ts';
import { type Layers, resolve, settle, treeOf, valuesOf } from './resolve.ts';
import { defineSchema, extendSchema } from './schema.ts';

const numberOption = (value: number) =>
  option({ type: z.number().min(0), default: value, help: 'a number', source: 'diptych' });

const members = {
  loss: group('What is minimised', {
    margin: numberOption(0.2),
    kind: option({
      type: z.enum(['hinge', 'infonce']),
      default: 'infonce',
      flag: 'loss',
      help: 'which loss',
      source: 'paper',
    }),
    queue: group('Negatives of earlier batches', { size: numberOption(4096), decay: numberOption(0.995) }),
  }),
  image: group('Image tower', { layers: numberOption(4) }),
  text: group('Text tower', {
    layers: numberOption(1),
    bidirectional: option({ type: z.boolean(), default: true, help: 'both ways', source: 'paper' }),
  }),
};
const schema = defineSchema(members);
const presets = definePresets(schema, [
  { name: 'hinge', summary: 'a margin', notes: 'Works.', expect: 'rSum 200', values: { loss: { kind: 'hinge' } } },
]);

function failure(run: () => unknown): DiptychError {
  try {
    run();
  } catch (error) {
    return error as DiptychError;
  }
  throw new Error('nothing was thrown');
}

test('an option has a dotted name, a variable, a flag, and a short flag where no other could be meant', () => {
  const names = schema.options.map(({ name, flag, short, variable }) => [name, flag, short, variable]);
  expect(names).toEqual([
    ['loss.margin', 'loss.margin', 'margin', 'DIPTYCH_LOSS_MARGIN'],
    ['loss.kind', 'loss.kind', 'loss', 'DIPTYCH_LOSS_KIND'],
    ['loss.queue.size', 'loss.queue.size', 'size', 'DIPTYCH_LOSS_QUEUE_SIZE'],
    ['loss.queue.decay', 'loss.queue.decay', 'decay', 'DIPTYCH_LOSS_QUEUE_DECAY'],
    ['image.layers', 'image.layers', undefined, 'DIPTYCH_IMAGE_LAYERS'],
    ['text.layers', 'text.layers', undefined, 'DIPTYCH_TEXT_LAYERS'],
    ['text.bidirectional', 'text.bidirectional', 'bidirectional', 'DIPTYCH_TEXT_BIDIRECTIONAL'],
  ]);
});

test('names that would meet in one variable are refused', () => {
  expect(() => defineSchema({ a: group('', { bC: numberOption(0), b: group('', { c: numberOption(0) }) }) })).toThrow(
    'two options are called DIPTYCH_A_B_C',
  );
});

test('the values have the type of the table', () => {
  const values = resolve(schema);
  expectTypeOf(values.loss.kind).toEqualTypeOf<'hinge' | 'infonce'>();
  expectTypeOf(values.loss.queue.size).toEqualTypeOf<number>();
  expectTypeOf(values.text.bidirectional).toEqualTypeOf<boolean>();
  expect(values).toEqual({
    loss: { margin: 0.2, kind: 'infonce', queue: { size: 4096, decay: 0.995 } },
    image: { layers: 4 },
    text: { layers: 1, bidirectional: true },
  });
});

test('flag > environment > file > preset > default, for any option and any set of layers', () => {
  const numbers = schema.options.filter(({ option }) => typeof option.default === 'number');
  const layerNames = ['flag', 'environment', 'file', 'preset', 'default'] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...numbers),
      fc.subarray([...layerNames.slice(0, 4)]),
      fc.array(fc.integer({ min: 10, max: 1_000_000 }), { minLength: 4, maxLength: 4 }),
      (named, layers, values) => {
        const value = (layer: (typeof layerNames)[number]): number =>
          layer === 'default' ? (named.option.default as number) : values[layerNames.indexOf(layer)];
        const tree = (layer: 'file' | 'preset'): Record<string, unknown> =>
          layers.includes(layer)
            ? (named.name.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value(layer)) as Record<
                string,
                unknown
              >)
            : {};
        const { settings } = settle(schema, {
          presets: [{ name: 'p', summary: '', notes: '', expect: '', values: tree('preset') }],
          preset: 'p',
          file: { path: 'run.json', content: tree('file') },
          environment: layers.includes('environment') ? { [named.variable]: String(value('environment')) } : {},
          flags: layers.includes('flag') ? { [named.name]: String(value('flag')) } : {},
        });
        const expected = layerNames.filter((layer) => layer === 'default' || layers.includes(layer));
        const setting = settings.find(({ option }) => option.name === named.name)!;
        expect(setting.given.map(({ origin }) => origin.from)).toEqual(expected);
        expect(setting.given.map((given) => given.value)).toEqual(expected.map(value));
        for (const other of settings) if (other !== setting) expect(other.given).toHaveLength(1);
      },
    ),
  );
});

test('who gave a value is named', () => {
  const { settings, preset } = settle(schema, {
    presets,
    file: { path: 'run.json', content: { preset: 'hinge', text: { layers: 2 } } },
    environment: { DIPTYCH_LOSS_MARGIN: '0.3', DIPTYCH_LOSS_QUEUE_SIZE: '' },
    flags: { 'text.bidirectional': false },
  });
  expect(preset?.name).toBe('hinge');
  const origins = settings.map(({ option, given }) => `${option.name}=${given[0].value} by ${given[0].origin.where}`);
  expect(origins).toEqual([
    'loss.margin=0.3 by DIPTYCH_LOSS_MARGIN',
    'loss.kind=hinge by hinge',
    'loss.queue.size=4096 by default',
    'loss.queue.decay=0.995 by default',
    'image.layers=4 by default',
    'text.layers=2 by run.json',
    'text.bidirectional=false by --no-bidirectional',
  ]);
});

test('resolved values are a configuration file that gives the same values', () => {
  const flags = { 'loss.kind': 'hinge', 'loss.queue.size': '7', 'text.bidirectional': false } as const;
  const { settings } = settle(schema, { flags });
  const content = JSON.parse(JSON.stringify(treeOf(settings)));
  expect(resolve(schema, { file: { path: 'run.json', content } })).toEqual(valuesOf(schema, settings));
});

test.each([
  [{ file: { path: 'c.json', content: { los: {} } } }, 'c.json: los is not an option; did you mean loss?'],
  [
    { file: { path: 'c.json', content: { loss: { margn: 1 } } } },
    'c.json: loss.margn is not an option; did you mean loss.margin?',
  ],
  [
    { file: { path: 'c.json', content: { layers: 2 } } },
    'c.json: layers is not an option; did you mean image.layers or text.layers?',
  ],
  [{ file: { path: 'c.json', content: { loss: { constructor: 1 } } } }, 'c.json: loss.constructor is not an option'],
  [{ file: { path: 'c.json', content: JSON.parse('{"__proto__": 1}') } }, 'c.json: __proto__ is not an option'],
  [{ file: { path: 'c.json', content: [] } }, 'c.json: the whole cannot be []: expected an object of options'],
  [{ file: { path: 'c.json', content: { loss: 0.2 } } }, 'c.json: loss cannot be 0.2: expected an object of options'],
  [
    { file: { path: 'c.json', content: { loss: { margin: '0.2' } } } },
    'c.json: loss.margin cannot be "0.2": expected number, at least 0',
  ],
  [{ file: { path: 'c.json', content: { preset: 3 } } }, 'c.json: preset cannot be 3: expected a name'],
  [
    { environment: { DIPTYCH_LOSS_MARGIN: 'big' } },
    'DIPTYCH_LOSS_MARGIN: loss.margin cannot be "big": expected number, at least 0',
  ],
  [{ flags: { 'loss.margin': '-1' } }, '--margin: loss.margin cannot be -1: expected number, at least 0'],
  [{ flags: { 'loss.kind': 'hinges' } }, '--loss: loss.kind cannot be "hinges": expected one of hinge, infonce'],
  [{ preset: 'hing' }, 'there is no preset hing; did you mean hinge?'],
  [{ preset: 'clip' }, 'there is no preset clip (there are hinge)'],
] as [Layers, string][])('what is not known or not legal is refused, with its place', (layers, message) => {
  expect(failure(() => resolve(schema, { presets, ...layers } as Layers<typeof members>)).message).toBe(message);
});

test('a value with an inside says where inside it is wrong', () => {
  const rows = option({
    type: z.array(z.strictObject({ name: z.string() })),
    default: [],
    help: '',
    source: 'diptych',
  });
  const error = failure(() => resolve(defineSchema({ rows }), { flags: { rows: '[{"name":"a"},{"name":3}]' } }));
  expect(error.message).toContain('expected JSON list of objects (at 1.name: Invalid input: expected string');
});

test('an option without default must be given by somebody', () => {
  const needed = defineSchema({ data: group('', { path: option({ type: z.string(), help: '', source: 'diptych' }) }) });
  expectTypeOf(resolve(needed, { flags: { 'data.path': 'x' } }).data.path).toEqualTypeOf<string>();
  const error = failure(() => resolve(needed));
  expect(error.code).toBe('DIPTYCH_CONFIG_REQUIRED');
  expect(error.message).toBe('data.path has no default: give it, for example with --path');
});

test('rules between options are checked on the values', () => {
  const ruled = extendSchema(schema, { memory: group('', { momentum: numberOption(0.99) }) }, [
    {
      options: ['memory.momentum', 'text.layers'],
      check: ({ memory, text }) => (memory.momentum > text.layers ? 'too much' : undefined),
    },
  ]);
  expect(resolve(ruled).memory.momentum).toBe(0.99);
  expect(failure(() => resolve(ruled, { flags: { 'memory.momentum': '3' } })).message).toBe(
    'memory.momentum, text.layers: too much',
  );
});

test('a preset that its schema does not allow is refused when it is gathered', () => {
  const values = { loss: { margin: -1 } };
  const error = failure(() => definePresets(schema, [{ name: 'bad', summary: '', notes: '', expect: '', values }]));
  expect(error.message).toBe('preset bad: loss.margin cannot be -1: expected number, at least 0');
});
