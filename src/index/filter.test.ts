import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import { asksNothing, type Condition, type Filter, fieldsOf, filterSchema, matches, type Scalar } from './filter.ts';
import { checkFilter, parseFilter } from './filter-parse.ts';
import type { Metadata } from './store.ts';
import { anyFilter, anyMetadata } from './testing/filters.ts';

const photo: Metadata = { year: 2021, place: 'Rome', public: true, tags: ['sea', 'dog'], note: null, all: 7 };

test.each<[Filter, boolean]>([
  [{}, true],
  [{ all: [] }, true],
  [{ all: [{}, { none: [] }] }, true],
  [{ year: {} }, true],
  [{ year: { notIn: [] } }, true],
  [{ any: [{}, { year: 1 }] }, true],
  [{ any: [] }, false],
  [{ none: [{}] }, false],
  [{ note: null }, false],
  [{ year: {}, place: { exists: true } }, false],
  [{ all: [{}, { year: 1 }] }, false],
])('%j asks nothing: %s', (filter, nothing) => {
  expect(asksNothing(filter)).toBe(nothing);
});

test('what asks nothing matches everything', () => {
  fc.assert(
    fc.property(anyFilter, anyMetadata, (filter, metadata) => {
      if (asksNothing(filter)) expect(matches(filter, metadata)).toBe(true);
    }),
  );
});

describe('matches', () => {
  const truths: [Filter, boolean][] = [
    [{}, true],
    [{ year: 2021 }, true],
    [{ year: '2021' }, false],
    [{ year: { gt: 2020, lt: 2022 } }, true],
    [{ year: { gt: 2021 } }, false],
    [{ year: { gte: 2021, lte: 2021 } }, true],
    [{ year: { lt: '3' } }, false],
    [{ place: { gte: 'Q', lt: 'S' } }, true],
    [{ place: { contains: 'om' } }, true],
    [{ place: { contains: 'OM' } }, false],
    [{ public: { lt: 2 } }, false],
    [{ tags: 'sea' }, true],
    [{ tags: { contains: 'ea' } }, true],
    [{ tags: { eq: 'ea' } }, false],
    [{ tags: { ne: 'dog' } }, false],
    [{ tags: { notIn: ['cat', 'cow'] } }, true],
    [{ tags: { in: ['cat', 'dog'] } }, true],
    [{ note: null }, true],
    [{ note: { exists: true } }, false],
    [{ gone: null }, true],
    [{ gone: { exists: false } }, true],
    [{ gone: { ne: 3 } }, true],
    [{ gone: { notIn: [3, null] } }, false],
    [{ gone: { lt: 3 } }, false],
    [{ tags: null }, false],
    [{ any: [] }, false],
    [{ all: [] }, true],
    [{ none: [] }, true],
    [{ any: [{ year: 1 }, { place: 'Rome' }] }, true],
    [{ none: [{ year: 1 }, { place: 'Rome' }] }, false],
    [{ all: [{ tags: 'sea' }, { tags: 'dog' }] }, true],
    [{ all: { gt: 6 } }, true],
    [{ year: 2021, any: [{ place: 'Oslo' }] }, false],
    [{ constructor: null }, true],
  ];
  test.each(truths)('%j is %s', (filter, truth) => {
    expect(matches(filter, photo)).toBe(truth);
    expect(checkFilter(filter)).toBe(filter);
  });
});

const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom('a', 'b', 'ab', ''),
  fc.integer({ min: -2, max: 2 }),
  fc.boolean(),
  fc.constant(null),
);
const condition: fc.Arbitrary<Condition> = fc.record(
  {
    eq: scalar,
    ne: scalar,
    in: fc.array(scalar, { maxLength: 3 }),
    lt: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constant('b')),
    exists: fc.boolean(),
    contains: fc.constantFrom('a', 'b'),
  },
  { requiredKeys: [] },
);
const field = fc.constantFrom('x', 'y', 'all');
const filter: fc.Arbitrary<Filter> = fc.letrec((tie) => ({
  filter: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.dictionary(field, fc.oneof(scalar, condition), { maxKeys: 2 }),
    fc.dictionary(fc.constantFrom('all', 'any', 'none'), fc.array(tie('filter'), { maxLength: 2 }), { maxKeys: 2 }),
  ),
})).filter as fc.Arbitrary<Filter>;
const metadata: fc.Arbitrary<Metadata> = fc.dictionary(
  field,
  fc.oneof(scalar, fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 2 })),
  { noNullPrototype: true },
);

describe('laws', () => {
  test('every filter passes its schema and survives JSON', () => {
    fc.assert(
      fc.property(filter, (one) => {
        expect(filterSchema.safeParse(one).success).toBe(true);
        expect(parseFilter(JSON.stringify(one))).toEqual(JSON.parse(JSON.stringify(one)));
      }),
    );
  });
  test('none is the opposite of any, and one filter alone is the same as all of it', () => {
    fc.assert(
      fc.property(filter, metadata, (one, row) => {
        expect(matches({ none: [one] }, row)).toBe(!matches({ any: [one] }, row));
        expect(matches({ all: [one] }, row)).toBe(matches(one, row));
      }),
    );
  });
  test('ne and notIn are the opposites of eq and in', () => {
    fc.assert(
      fc.property(scalar, fc.array(scalar, { maxLength: 3 }), metadata, (value, list, row) => {
        expect(matches({ x: { ne: value } }, row)).toBe(!matches({ x: { eq: value } }, row));
        expect(matches({ x: { notIn: list } }, row)).toBe(!matches({ x: { in: list } }, row));
      }),
    );
  });
  test('only the fields it names decide', () => {
    fc.assert(
      fc.property(filter, metadata, (one, row) => {
        const named = fieldsOf(one);
        const rest = Object.fromEntries(Object.entries(row).filter(([name]) => named.has(name)));
        expect(matches(one, rest)).toBe(matches(one, row));
      }),
    );
  });
});

describe('errors', () => {
  const bad: [string, string, string][] = [
    [
      '{"year": {"gte": true}}',
      'DIPTYCH_FILTER_SHAPE',
      'filter at year.gte: compares with a number or a string, not true',
    ],
    [
      '{"year": {"gtee": 1}}',
      'DIPTYCH_FILTER_SHAPE',
      'filter at year: unknown operator "gtee" (operators: eq, ne, in, notIn, lt, lte, gt, gte, exists, contains); did you mean gte',
    ],
    [
      '{"any": [{"year": {"in": [1, {}]}}]}',
      'DIPTYCH_FILTER_SHAPE',
      'filter at any[0].year.in[1]: takes a list of strings, numbers, true, false or null, not an object',
    ],
    ['{"year": [1, 2]}', 'DIPTYCH_FILTER_SHAPE', 'write {"in": [ … ]}'],
    ['{"al": [{"year": 1}]}', 'DIPTYCH_FILTER_SHAPE', 'did you mean all?'],
    ['{"any": [3]}', 'DIPTYCH_FILTER_SHAPE', 'filter at any[0]: a filter is an object, not 3'],
    ['{"year": {"any": []}}', 'DIPTYCH_FILTER_SHAPE', '"any" groups filters'],
    ['[]', 'DIPTYCH_FILTER_SHAPE', 'filter: a filter is an object, not a list'],
    ['{"__proto__": 1}', 'DIPTYCH_FILTER_SHAPE', '__proto__'],
    [
      '{"yaer": 1}',
      'DIPTYCH_FILTER_FIELD',
      'filter at yaer: no item has a field "yaer"; did you mean year? (fields: place, year)',
    ],
    ['{"all": [{"place": "a"}, {"plaxe": "a"}]}', 'DIPTYCH_FILTER_FIELD', 'filter at all[1].plaxe'],
    ['{"year": 1', 'DIPTYCH_FILTER_SYNTAX', 'filter: not JSON'],
    ['['.repeat(100_000) + ']'.repeat(100_000), 'DIPTYCH_FILTER_SHAPE', 'nested deeper'],
  ];
  test.each(bad)('%.40s', (text, code, message) => {
    const caught = caughtBy(() => parseFilter(text, ['year', 'place']));
    expect(caught).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('whatever the JSON, a filter comes out or a coded error that names a place', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue({ maxDepth: 5 }), mutated()), (value) => {
        const caught = caughtBy(() => checkFilter(value));
        if (caught === undefined) expect(typeof matches(value as Filter, photo)).toBe('boolean');
        else expect(isDiptychError(caught, 'DIPTYCH_FILTER_SHAPE')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
  test('whatever the text, no other error comes out', () => {
    fc.assert(
      fc.property(filter, fc.nat(), fc.string({ maxLength: 3 }), (one, at, noise) => {
        const text = JSON.stringify(one);
        const caught = caughtBy(() =>
          parseFilter(text.slice(0, at % (text.length + 1)) + noise + text.slice((at % (text.length + 1)) + 1)),
        );
        expect(caught === undefined || isDiptychError(caught)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

/** Filters in which something was put in the place of something else. */
function mutated(): fc.Arbitrary<unknown> {
  return fc.tuple(filter, fc.nat(), fc.jsonValue({ maxDepth: 1 })).map(([one, at, noise]) => {
    let left = at % 8;
    return JSON.parse(JSON.stringify(one), (_, value) => (left-- === 0 ? noise : value)) as unknown;
  });
}

function caughtBy(run: () => unknown): Error | undefined {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  return undefined;
}
