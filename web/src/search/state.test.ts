import fc from 'fast-check';
import { expect, test } from 'vitest';
import { searchRequestSchema } from '../../../src/server/schema/search.ts';
import { type FieldFilter, isOpen } from './filters.ts';
import { addressOf, isIdle, nothing, printState, readState, requestOf, type SearchState, uploadsOf } from './state.ts';

const read = (query: string): SearchState => readState(new URLSearchParams(query));

test('an address without anything is a search for nothing', () => {
  expect(read('')).toEqual(nothing);
  expect(isIdle(nothing)).toBe(true);
  expect(addressOf(nothing)).toBe('/');
});

test('an address tells all of a search, and can be read by people', () => {
  const state: SearchState = {
    index: 'flickr',
    words: 'dog + beach',
    parts: [
      { kind: 'item', id: 'a b.jpg', weight: 1 },
      { kind: 'picture', id: '00ff', weight: -0.5 },
    ],
    filters: {
      year: { kind: 'range', from: 2019, to: null },
      place: { kind: 'values', values: ['Rome', '=Ostia'] },
      captions: { kind: 'text', text: 'sea' },
      warm: { kind: 'is', is: false },
    },
    threshold: 0.2,
    captions: true,
    open: 'x',
  };
  const address = addressOf(state);
  expect(decodeURIComponent(address.replaceAll('+', ' '))).toBe(
    '/?index=flickr&q=dog + beach&like=a b.jpg&picture=-0.5*00ff&f.year=2019..&f.place==Rome&f.place===Ostia&f.captions=~sea&f.warm=!no&least=0.2&captions=&open=x',
  );
  expect(read(address.slice(2))).toEqual(state);
});

test('what makes no sense is passed over', () => {
  expect(read('least=high&f.year=soon&f.=~x&like=&captions-not=1')).toEqual(nothing);
  expect(read('least=7')).toEqual(nothing);
});

const filter: fc.Arbitrary<FieldFilter> = fc.oneof(
  fc.record({ kind: fc.constant('values' as const), values: fc.array(fc.string(), { minLength: 1 }) }),
  fc.record({
    kind: fc.constant('range' as const),
    from: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((x) => x + 0)),
    to: fc.option(fc.integer()),
  }),
  fc.record({ kind: fc.constant('text' as const), text: fc.string({ minLength: 1 }) }),
  fc.record({ kind: fc.constant('is' as const), is: fc.boolean() }),
);
const part = fc.record({
  kind: fc.constantFrom('item' as const, 'picture' as const),
  id: fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('2*x', '-1*', '0.5*0.5*y')),
  weight: fc
    .tuple(fc.integer({ min: 1, max: 30 }), fc.constantFrom(1, -1))
    .map(([tenths, sign]) => (sign * tenths) / 10),
});
const state: fc.Arbitrary<SearchState> = fc.record({
  index: fc.option(fc.string(), { nil: undefined }),
  words: fc.string(),
  parts: fc.array(part, { maxLength: 4 }),
  filters: fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'),
    filter,
    { maxKeys: 3 },
  ),
  threshold: fc.option(
    fc.double({ min: -1, max: 1, noNaN: true }).map((x) => x + 0),
    { nil: undefined },
  ),
  captions: fc.boolean(),
  open: fc.option(fc.string(), { nil: undefined }),
});

/** Filters that let everything through are no filters; values that look the same are the same. */
function essence(search: SearchState): SearchState {
  const filters = Object.fromEntries(Object.entries(search.filters).filter(([, one]) => !isOpen(one)));
  return { ...search, filters };
}

test('any search comes back from its address, through the address bar as well', () => {
  fc.assert(
    fc.property(state, (search) => {
      const there = new URL(addressOf(search), 'http://127.0.0.1:7700').searchParams;
      expect(readState(there)).toEqual(essence(search));
      expect(printState(readState(there)).toString()).toBe(there.toString());
    }),
  );
});

test('any address can be read', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('q', 'like', 'picture', 'least', 'f.x', 'f.'), fc.string())),
      (pairs) => {
        const once = readState(new URLSearchParams(pairs));
        expect(readState(printState(once))).toEqual(essence(once));
      },
    ),
  );
});

test('the request is one that the server takes', () => {
  const any = { has: () => true };
  fc.assert(
    fc.property(state, (search) => {
      const request = requestOf({ ...search, index: undefined, words: 'a dog' }, any, 60);
      expect(searchRequestSchema.safeParse(request).error).toBeUndefined();
    }),
  );
});

test('pictures that are not at hand are left out, and nothing asks nothing', () => {
  const search = { ...nothing, parts: [{ kind: 'picture', id: 'k', weight: 1 } as const] };
  expect(requestOf(search, new Map(), 60)).toBeUndefined();
  const request = requestOf(search, new Set(['k']), 60);
  expect(request).toEqual({ query: { parts: [{ image: { upload: 'k' }, weight: 1 }] }, limit: 60 });
  expect(uploadsOf(request!)).toEqual(['k']);
  expect(requestOf({ ...nothing, filters: { a: { kind: 'is', is: true } } }, new Set(), 60)).toBeUndefined();
});
