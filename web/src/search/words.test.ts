import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clampWeight, LEAST, MOST, parseWords, printWords } from './words.ts';

test('a line is one part, or several with signs and weights', () => {
  expect(parseWords('a red circle')).toEqual([{ text: 'a red circle', weight: 1 }]);
  expect(parseWords('dog + beach^2 - snow^0.5')).toEqual([
    { text: 'dog', weight: 1 },
    { text: 'beach', weight: 2 },
    { text: 'snow', weight: -0.5 },
  ]);
  expect(parseWords('- snow')).toEqual([{ text: 'snow', weight: -1 }]);
  expect(parseWords('dog − snow ^0.25')).toEqual([
    { text: 'dog', weight: 1 },
    { text: 'snow', weight: -0.25 },
  ]);
});

test('hyphens, plus signs and carets within words stay', () => {
  for (const text of ['a black-and-white cat', 'C++ and x^y', 'well -known', '2+2'])
    expect(parseWords(text)).toEqual([{ text, weight: 1 }]);
});

test('parts without words are nothing', () => {
  for (const line of ['', '  ', ' + ', ' - - ', '^2', '+ ^0.5 - ']) expect(parseWords(line)).toEqual([]);
});

test('weights are kept where they can be shown', () => {
  expect(parseWords('a^99')[0].weight).toBe(MOST);
  expect(parseWords('a^0')[0].weight).toBe(LEAST);
  expect(clampWeight(Number.NaN)).toBe(LEAST);
});

test('what is printed reads back the same', () => {
  const word = fc
    .stringMatching(/^[a-zé-]{1,8}( [a-z+]{2,6}){0,3}$/)
    .filter((text) => parseWords(text)[0]?.text === text);
  const part = fc.record({ text: word, weight: fc.integer({ min: 10, max: 300 }).map((size) => size / 100) });
  const signed = fc.tuple(part, fc.boolean()).map(([one, less]) => (less ? { ...one, weight: -one.weight } : one));
  fc.assert(
    fc.property(fc.array(signed, { maxLength: 5 }), (parts) => {
      expect(parseWords(printWords(parts))).toEqual(parts);
    }),
  );
});

test('reading is stable for any line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (line) => {
      const parts = parseWords(line);
      expect(parseWords(printWords(parts))).toEqual(parts);
    }),
  );
});
