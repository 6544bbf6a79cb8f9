import { expect, test } from 'vitest';
import { all, none, reach, toggle, without } from './selection.ts';

const order = ['a', 'b', 'c', 'd', 'e'];
const ids = (selection: { ids: ReadonlySet<string> }): string[] => [...selection.ids].sort();

test('one by one, there and back', () => {
  const one = toggle(none, 'b');
  expect(ids(one)).toEqual(['b']);
  expect(ids(toggle(one, 'b'))).toEqual([]);
  expect(none.ids.size).toBe(0);
});

test('a stretch from the last one chosen, either way, beside what was chosen', () => {
  expect(ids(reach(toggle(none, 'b'), 'd', order))).toEqual(['b', 'c', 'd']);
  expect(ids(reach(toggle(toggle(none, 'e'), 'c'), 'a', order))).toEqual(['a', 'b', 'c', 'e']);
  expect(ids(reach(none, 'c', order))).toEqual(['c']);
  expect(ids(reach(toggle(none, 'gone'), 'c', order))).toEqual(['c', 'gone']);
});

test('all, and less what has gone', () => {
  expect(ids(all(order))).toEqual(order);
  const left = without(all(order), ['a', 'c']);
  expect(ids(left)).toEqual(['b', 'd', 'e']);
  expect(left.anchor).toBeUndefined();
});
