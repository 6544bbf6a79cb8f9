import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describe, isSwitch, path, placeholder, textOfValue, valueOfText } from './form.ts';

const objects = z.array(z.strictObject({ pattern: z.string(), factor: z.number().default(1) }));

test.each([
  [z.int().min(1), '<integer>', 'integer, at least 1'],
  [z.number().gt(0).lt(1), '<number>', 'number, above 0, below 1'],
  [z.number().min(0).max(1).nullable(), '<number>', 'number, at least 0, at most 1, or none'],
  [z.enum(['gpo', 'mean']), '<gpo|mean>', 'one of gpo, mean'],
  [z.boolean(), '', 'true or false'],
  [z.string(), '<text>', 'text'],
  [path.nullable(), '<path>', 'path, or none'],
  [z.array(z.int()), '<integer,…>', 'list with commas, of integer'],
  [z.tuple([z.number(), z.number()]), '<number,…>', '2 values with commas between, each number'],
  [objects, '<json>', 'JSON list of objects'],
  [z.record(z.string(), z.number()), '<json>', 'JSON object'],
])('a type is described in words', (type, short, long) => {
  expect(placeholder(type)).toBe(short);
  expect(describe(type)).toBe(long);
  expect(isSwitch(type)).toBe(short === '');
});

test.each([
  [z.int(), '12', 12],
  [z.number(), ' 5e-4 ', 5e-4],
  [z.number(), '', ''],
  [z.number(), '0x10', '0x10'],
  [z.number(), '1,5', '1,5'],
  [z.number().nullable(), 'none', null],
  [z.string(), 'none', 'none'],
  [z.string(), '7', '7'],
  [path.nullable(), 'none', null],
  [z.boolean(), 'Yes', true],
  [z.boolean(), '0', false],
  [z.boolean(), 'maybe', 'maybe'],
  [z.array(z.number()), '15, 25', [15, 25]],
  [z.array(z.number()), '[15, 25]', [15, 25]],
  [z.array(z.string()), '', []],
  [z.array(z.string()), 'train,restval', ['train', 'restval']],
  [z.tuple([z.number(), z.number()]), '0.9,0.99', [0.9, 0.99]],
  [objects, '[{"pattern":"text.*"}]', [{ pattern: 'text.*' }]],
  [objects, '[{', '[{'],
])('text is read by the form of its type', (type, text, value) => {
  expect(valueOfText(type, text)).toEqual(value);
});

test('what is written is read back', () => {
  const kinds = [
    [z.number(), fc.double({ noNaN: true, noDefaultInfinity: true })],
    [z.int().nullable(), fc.option(fc.integer())],
    [z.boolean(), fc.boolean()],
    [z.array(z.number()), fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }))],
    [z.enum(['a', 'b']), fc.constantFrom('a', 'b')],
  ] as const;
  for (const [type, values] of kinds) {
    fc.assert(
      fc.property(values as fc.Arbitrary<unknown>, (value) => {
        const back = valueOfText(type, textOfValue(value));
        expect(JSON.stringify(back)).toBe(JSON.stringify(value));
      }),
    );
  }
});

test('no text makes the reader throw', () => {
  const types = [z.int(), z.boolean(), z.array(z.number()), z.record(z.string(), z.number()), objects, path.nullable()];
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const type of types) type.safeParse(valueOfText(type, text));
    }),
  );
});
