import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, suggest } from './suggest.ts';

test('edits are counted, a swap of neighbours as one', () => {
  expect(editDistance('margin', 'margin')).toBe(0);
  expect(editDistance('lr', 'lrr')).toBe(1);
  expect(editDistance('mragin', 'margin')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('kitten', 'sitting')).toBe(3);
});

test('the distance is symmetric, zero only for equal words, and at most the longer length', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('near names are suggested, nearest first; far ones are not', () => {
  const known = ['image.layers', 'text.layers', 'optimiser.learningRate', 'loss.margin', 'loss.kind'];
  expect(suggest('learningrate', known)).toEqual(['optimiser.learningRate']);
  expect(suggest('learning-rate', known)).toEqual(['optimiser.learningRate']);
  expect(suggest('layers', known)).toEqual(['image.layers', 'text.layers']);
  expect(suggest('loss.margn', known)).toEqual(['loss.margin']);
  expect(suggest('lr', known)).toEqual(['optimiser.learningRate']);
  expect(suggest('lrr', known)).toEqual(['optimiser.learningRate']);
  expect(suggest('batchnorm', known)).toEqual([]);
});
