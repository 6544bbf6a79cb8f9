import fc from 'fast-check';
import { expect, test } from 'vitest';
import { searchRequestSchema } from '../../../src/server/schema/search.ts';
import { type FieldFilter, isOpen } from './filters.ts';
import { questionName } from './names.ts';
import {
  type Asked,
  addressOf,
  allParts,
  askedOf,
  canNarrow,
  isIdle,
  narrowed,
  nothing,
  printState,
  readState,
  type SearchState,
  uploadsOf,
} from './state.ts';

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
    within: { best: 60, search: { ...nothing, words: 'a & b' } },
    open: 'x',
  };
  const address = addressOf(state);
  expect(decodeURIComponent(address.replaceAll('+', ' '))).toBe(
    '/?index=flickr&q=dog + beach&like=a b.jpg&picture=-0.5*00ff&f.year=2019..&f.place==Rome&f.place===Ostia&f.captions=~sea&f.warm=!no&least=0.2&captions=&within=60*q=a+%26+b&open=x',
  );
  expect(read(address.slice(2))).toEqual(state);
});

test('what makes no sense is passed over', () => {
  expect(read('least=high&f.year=soon&f.=~x&like=&captions-not=1')).toEqual(nothing);
  expect(read('least=7')).toEqual(nothing);
  // A set is that of a search; no search, no set.
  expect(read('within=60*f.x=%3D1')).toEqual(nothing);
  expect(read('within=q%3Dred')).toEqual(nothing);
  expect(read('within=0*q%3Dred').within?.best).toBe(1);
  expect(read('within=99999*q%3Dred').within?.best).toBe(1000);
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
const plain: fc.Arbitrary<SearchState> = fc.record({
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
  within: fc.constant(undefined),
  open: fc.option(fc.string(), { nil: undefined }),
});
/** Searches within searches, to some depth. */
const { state } = fc.letrec<{ state: SearchState }>((tie) => ({
  state: fc.oneof(
    { maxDepth: 2 },
    plain,
    fc.tuple(plain, tie('state'), fc.integer({ min: 1, max: 1000 })).map(([search, outer, results]) => ({
      ...search,
      within: narrowed({ ...outer, words: 'dogs' }, results).within,
    })),
  ),
}));

/** Filters that let everything through are no filters; values that look the same are the same. */
function essence(search: SearchState): SearchState {
  const filters = Object.fromEntries(Object.entries(search.filters).filter(([, one]) => !isOpen(one)));
  const within = search.within && { ...search.within, search: essence(search.within.search) };
  return { ...search, filters, within };
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
      let asked: Asked | undefined = askedOf({ ...search, index: undefined, words: 'a dog' }, any, 60);
      for (; asked; asked = asked.within) expect(searchRequestSchema.safeParse(asked.request).error).toBeUndefined();
    }),
  );
});

test('pictures that are not at hand are left out, and nothing asks nothing', () => {
  const search = { ...nothing, parts: [{ kind: 'picture', id: 'k', weight: 1 } as const] };
  expect(askedOf(search, new Map(), 60)).toBeUndefined();
  const asked = askedOf(search, new Set(['k']), 60);
  expect(asked).toEqual({ request: { query: { parts: [{ image: { upload: 'k' }, weight: 1 }] }, limit: 60 } });
  expect(uploadsOf(asked!.request)).toEqual(['k']);
  expect(askedOf({ ...nothing, filters: { a: { kind: 'is', is: true } } }, new Set(), 60)).toBeUndefined();
});

test('a set shows itself until something is asked for in it, and is asked for as its search was', () => {
  const first = {
    ...nothing,
    index: 'x',
    words: 'red',
    filters: { a: { kind: 'is', is: true } as const },
    threshold: 0.1,
  };
  const within = narrowed(first, 30);
  expect(isIdle(within)).toBe(false);
  const asked = askedOf(within, new Set(), 60);
  expect(asked).toMatchObject({
    request: requestFor('red'),
    within: { best: 30, request: { limit: 30, threshold: 0.1 } },
  });
  expect(asked?.request).not.toHaveProperty('filter');
  expect(asked?.within?.request.filter).toEqual(askedOf(first, new Set(), 60)?.request.filter);
  const blue = askedOf({ ...within, words: 'blue' }, new Set(), 60);
  expect(blue?.request).toEqual(requestFor('blue'));
  expect(blue?.within).toEqual(asked?.within);
  expect([canNarrow(first, 1), canNarrow(first, 2), canNarrow(within, 29), canNarrow(within, 30)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
  // Sets of thousands are fetched in pages, and are bounded.
  expect(askedOf(narrowed(first, 5000), new Set(), 60)?.within).toMatchObject({ best: 1000, request: { limit: 200 } });
});

test('a set within a set, with a picture that is not at hand', () => {
  const first = { ...nothing, parts: [{ kind: 'picture', id: 'k', weight: 1 } as const] };
  const third = { ...narrowed({ ...narrowed(first, 100), words: 'red' }, 50), words: 'blue' };
  expect(allParts(third)).toEqual(first.parts);
  expect(questionName(third)).toBe('blue');
  expect(questionName(narrowed(first, 100))).toBe('your picture');
  expect(askedOf(third, new Set(), 60)).toBeUndefined();
  expect(askedOf(third, new Set(['k']), 60)).toMatchObject({ within: { best: 50, within: { best: 100 } } });
});

function requestFor(text: string) {
  return { index: 'x', query: { parts: [{ text, weight: 1 }] }, limit: 60 };
}
