import { expect, test } from 'vitest';
import { filterSchema } from '../../../src/index/filter.ts';
import {
  controlOf,
  type FieldFilters,
  fieldsShown,
  filterText,
  parseFilter,
  printFilter,
  serverFilter,
} from './filters.ts';

const filters: FieldFilters = {
  place: { kind: 'values', values: ['Rome', 'Paris'] },
  year: { kind: 'range', from: 2019, to: 2022 },
  since: { kind: 'range', from: -1.5, to: null },
  captions: { kind: 'text', text: ' sea ' },
  warm: { kind: 'is', is: false },
  nobody: { kind: 'values', values: [] },
  nothing: { kind: 'range', from: null, to: null },
};

test('the server is given what is set, in its own words', () => {
  const filter = serverFilter(filters);
  expect(filter).toEqual({
    place: { in: ['Rome', 'Paris'] },
    year: { gte: 2019, lte: 2022 },
    since: { gte: -1.5 },
    captions: { contains: 'sea' },
    warm: { eq: false },
  });
  expect(filterSchema.safeParse(filter).success).toBe(true);
  expect(serverFilter({ nobody: { kind: 'values', values: [] } })).toBeUndefined();
});

test('each is told in words', () => {
  expect(
    Object.entries(filters)
      .slice(0, 5)
      .map(([name, filter]) => filterText(name, filter)),
  ).toEqual(['place: Rome, Paris', 'year 2019 to 2022', 'since from -1.5', 'captions with “sea”', 'warm: no']);
});

test('a range is not taken for a text, nor a value for a range', () => {
  expect(parseFilter(printFilter({ kind: 'values', values: ['1..2', '~x'] }))).toEqual({
    kind: 'values',
    values: ['1..2', '~x'],
  });
  expect(parseFilter(['1..2'])).toEqual({ kind: 'range', from: 1, to: 2 });
  expect(parseFilter(['..'])).toEqual({ kind: 'range', from: null, to: null });
  expect(parseFilter(['1..x'])).toBeUndefined();
  expect(parseFilter([])).toBeUndefined();
});

test('a field is filtered by what its values are', () => {
  const some = [{ value: 'a', rows: 3 }];
  expect(controlOf({ types: ['string'], values: some })).toBe('values');
  expect(controlOf({ types: ['list'], values: some })).toBe('values');
  expect(controlOf({ types: ['string'] })).toBe('text');
  expect(controlOf({ types: ['number'], min: 0, max: 9 })).toBe('range');
  expect(controlOf({ types: ['boolean'] })).toBe('is');
  expect(controlOf({ types: ['boolean', 'string'] })).toBe('text');
});

test('fields that the index keeps for itself are not shown', () => {
  const field = { types: ['string' as const] };
  const fields = { width: field, year: field, sha256: field, captions: field, place: field, kind: field, path: field };
  expect(fieldsShown(fields)).toEqual(['place', 'year', 'captions', 'width']);
});
