/** @file The layout of ragged batches: every row has one place, and grouping by length loses none. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layoutFeeds, layoutOf, longestFirst, packRows, type RowOrder } from './layout.ts';

const lengths = fc
  .array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 })
  .map((list) => list.sort((a, b) => b - a));
const widths = fc.uniqueArray(fc.integer({ min: 1, max: 11 }), { maxLength: 3 }).map((list) => [...list, 12]);
const orders = fc.constantFrom<RowOrder>('sequence', 'time');

test('places and rows are inverse, and places beyond a length are empty', () => {
  fc.assert(
    fc.property(lengths, widths, orders, (list, groups, order) => {
      const layout = layoutOf(list, groups, order);
      const total = list.reduce((a, b) => a + b, 0);
      expect(layout.target).toHaveLength(total);
      layout.target.forEach((place, row) => {
        expect(layout.source[place]).toBe(row);
      });
      expect(layout.source.filter((row) => row >= 0)).toHaveLength(total);
      let place = 0;
      let sequence = 0;
      for (const { width, lengths: inGroup } of layout.groups) {
        for (const length of inGroup) {
          expect(length).toBe(list[sequence]);
          expect(groups.filter((other) => other < width && other >= length)).toEqual([]);
          for (let at = 0; at < width; at++, place++) {
            const row = layout.source[place];
            expect(row >= 0).toBe(at < length);
            if (row >= 0) expect([layout.sequence[row], layout.position[row]]).toEqual([sequence, at]);
          }
          sequence++;
        }
      }
      expect([place, sequence]).toEqual([layout.source.length, list.length]);
    }),
  );
});

test('in time order a row continues the one of the step before, and turning round twice changes nothing', () => {
  fc.assert(
    fc.property(lengths, widths, (list, groups) => {
      const { recurrence, sequence, position } = layoutOf(list, groups, 'time');
      const { counts, reverse } = recurrence!;
      let row = 0;
      counts.forEach((count, step) => {
        for (let i = 0; i < count; i++, row++) expect([sequence[row], position[row]]).toEqual([i, step]);
      });
      expect(row).toBe(sequence.length);
      reverse.forEach((other, at) => {
        expect(reverse[other]).toBe(at);
        expect(sequence[other]).toBe(sequence[at]);
        expect(position[other]).toBe(list[sequence[at]] - 1 - position[at]);
      });
    }),
  );
});

test('captions in row order, step by step', () => {
  const captions = [[7, 8, 9], [4, 5], [1]];
  expect(longestFirst([1, 3, 2, 3])).toEqual([1, 3, 2, 0]);
  const layout = layoutOf([3, 2, 1], [3, 1], 'time');
  expect([...packRows(captions, layout)]).toEqual([7, 4, 1, 8, 5, 9]);
  const feeds = layoutFeeds(layout);
  expect([...feeds.get('source')!.data]).toEqual([0, 3, 5, 1, 4, -1, 2]);
  expect([...feeds.get('lengths.w3')!.data]).toEqual([3, 2]);
  expect([...feeds.get('lengths.w1')!.data]).toEqual([1]);
  expect([...feeds.get('counts')!.data]).toEqual([3, 2, 1]);
  expect([...packRows(captions, layoutOf([3, 2, 1], [3], 'sequence'))]).toEqual([7, 8, 9, 4, 5, 1]);
});

test('what does not fit is refused', () => {
  expect(() => layoutOf([3, 0], [4], 'sequence')).toThrow('sequence 1 is empty');
  expect(() => layoutOf([5], [4, 2], 'sequence')).toThrow('sequence 0 of length 5 does not fit the widest group of 4');
  expect(() => layoutOf([1, 2], [4], 'time')).toThrow('sequence 1 of length 2 follows a shorter one of 1');
  expect(() => layoutOf([1, 4], [4, 2], 'sequence')).toThrow('follows a shorter one');
  expect([...layoutOf([1, 4], [4], 'sequence').target]).toEqual([0, 4, 5, 6, 7]);
});
