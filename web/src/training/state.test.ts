import { expect, test } from 'vitest';
import { addressOfTraining, colourOf, readTraining, toggled } from './state.ts';

const read = (query: string) => readTraining(new URLSearchParams(query));

test('the address tells runs and view, and is read back', () => {
  const state = { runs: ['a b', 'c'], view: 'samples' } as const;
  const address = addressOfTraining(state);
  expect(address).toBe('/training?run=a+b&run=c&view=samples');
  expect(read(address.split('?')[1])).toEqual(state);
  expect(read('run=a&run=a&run=&view=else')).toEqual({ runs: ['a'], view: 'curves' });
  expect(addressOfTraining(read(''))).toBe('/training');
});

test('runs are chosen and let go', () => {
  const one = toggled(read(''), 'a');
  expect(toggled(one, 'b').runs).toEqual(['a', 'b']);
  expect(toggled(one, 'a').runs).toEqual([]);
  expect(colourOf(6)).toBe(colourOf(0));
});
