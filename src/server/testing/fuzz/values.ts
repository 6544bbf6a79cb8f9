/** @file What requests are made of: ids, filters of the grammar over the fields of the colours, and values that fit nowhere. */
import fc from 'fast-check';
import type { Condition, Filter } from '../../../index/filter.ts';

/** The first nine times of ten. */
export function mostly<T, U>(usual: fc.Arbitrary<T>, strange: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: strange });
}

/** Any code points, halves of surrogate pairs among them. */
export function anyText(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof(fc.nat(0xff), fc.nat(0xffff), fc.nat(0x10ffff)), { minLength, maxLength })
    .map((points) => String.fromCodePoint(...points));
}

/** Stands for a cursor that the service gave, or an id that it named; put in place when the request is sent. */
export const CURSOR = '{{cursor}}';

const there = ['red', 'blue', 'yellow', 'white', 'leaves/green 1.png', 'caption:red#0'];
const strangeIds = [
  ...['gone', '__proto__', 'constructor', '../../etc/passwd', '\u0000', '%', '%ff', "it's", '"', 'a\nb', '{{id}}'],
  ...['日本', 'é', 'e\u0301', '\u202e', '\ud83d\udc15', '\ud83d', '\ufeff', 'ﬀ', 'İ', ' ', '.', '..', 'a'.repeat(3000)],
];
/** Few, so that changes meet each other. */
export const ids = mostly(fc.constantFrom(...there), fc.constantFrom(...strangeIds));
export const newIds = mostly(
  fc.nat(30).map((number) => `new ${number}`),
  fc.constantFrom(...there, ...strangeIds),
);

export const texts = fc.oneof(
  fc.constantFrom('red', 'a blue thing', 'yellow and white', 'snow', '\u0000', '\ud800', ' ', 'ÄÖ 日本 \ud83d\udc15'),
  anyText(1, 40),
  fc.constant('word '.repeat(700)),
);

const scalars = fc.constantFrom<string | number | boolean | null>(
  'red',
  'image',
  2018,
  2021,
  1.5,
  true,
  false,
  null,
  '',
);
const condition: fc.Arbitrary<Condition> = fc.record(
  {
    eq: scalars,
    ne: scalars,
    in: fc.array(scalars, { maxLength: 3 }),
    notIn: fc.array(scalars, { maxLength: 3 }),
    lt: fc.constantFrom(2020, 'm'),
    lte: fc.constantFrom(2020, 'm'),
    gt: fc.constantFrom(2019, 'b', -1e300),
    gte: fc.constantFrom(2019, 'b'),
    exists: fc.boolean(),
    contains: fc.constantFrom('red', 'square', '%', "'", '', '\\'),
  },
  { requiredKeys: [] },
);

/** Filters that are right, groups within groups. */
export const filters: fc.Arbitrary<Filter> = fc.letrec((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.dictionary(
      fc.constantFrom('year', 'warm', 'captions', 'kind', 'sha256', 'width'),
      fc.oneof(scalars, condition),
      {
        maxKeys: 2,
        noNullPrototype: true,
      },
    ),
    fc.dictionary(fc.constantFrom('all', 'any', 'none'), fc.array(tie('filter'), { maxLength: 3 }), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
  ),
})).filter as fc.Arbitrary<Filter>;

export const metadata = fc.dictionary(
  fc.constantFrom('year', 'warm', 'tags', 'place', 'Ünï"`', 'x.y'),
  fc.oneof(scalars, fc.array(fc.constantFrom('a', '', '\ud83d\udc15'), { maxLength: 3 })),
  { maxKeys: 3, noNullPrototype: true },
);

/** Values that fit nowhere, or only just. */
export const misfits: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, '', 0, -1, 1.5, 1e308, -0, 2 ** 53, true, [], {}, [[]], { a: { b: [null] } }, [null]),
  fc.constantFrom<unknown>('x'.repeat(70_000), '\u0000', '\ud800', 'NaN', new Array(300).fill(1), { all: [] }, CURSOR),
  fc.constantFrom<unknown>({ constructor: 1 }, { toString: 'x' }, { length: -1 }, JSON.parse('{"__proto__":{"x":1}}')),
  fc.jsonValue({ maxDepth: 4 }),
);
