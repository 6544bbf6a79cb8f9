import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GridForm, justify, rowOf, rowsWithin, shapeOf, stepFrom } from './justified.ts';

const form: GridForm = { width: 1000, height: 200, gap: 10, foot: 30 };
const shapes = fc.array(fc.double({ min: 0.5, max: 2.6, noNaN: true }), { maxLength: 300 });
const forms = fc.record({
  width: fc.integer({ min: 60, max: 3000 }),
  height: fc.integer({ min: 60, max: 300 }),
  gap: fc.integer({ min: 0, max: 20 }),
  foot: fc.integer({ min: 0, max: 40 }),
});

test('every picture is in one row, in order; rows fill the width and none is higher than asked', () => {
  fc.assert(
    fc.property(shapes, forms, (given, { width, height, gap, foot }) => {
      const { rows, height: all } = justify(given, { width, height, gap, foot });
      let next = 0;
      let top = 0;
      rows.forEach((row, i) => {
        expect(row.start).toBe(next);
        expect(row.end).toBeGreaterThan(row.start);
        expect(row.top).toBeCloseTo(top, 6);
        expect(row.height).toBeLessThanOrEqual(height + 1e-9);
        const filled = given.slice(row.start, row.end).reduce((sum, shape) => sum + shape * row.height, 0);
        const whole = filled + gap * (row.end - row.start - 1);
        if (i < rows.length - 1 && row.height > 1) expect(whole).toBeCloseTo(width, 6);
        else
          expect(whole).toBeLessThanOrEqual(
            Math.max(width, row.end - row.start === 1 ? Number.POSITIVE_INFINITY : width) + 1e-6,
          );
        next = row.end;
        top += row.height + foot + gap;
      });
      expect(next).toBe(given.length);
      expect(all).toBeCloseTo(Math.max(0, top - gap), 6);
    }),
  );
});

test('the window shows all rows that touch it, and hardly more', () => {
  fc.assert(
    fc.property(
      shapes,
      forms,
      fc.integer({ min: -500, max: 20_000 }),
      fc.integer({ min: 1, max: 2000 }),
      (given, shape, from, size) => {
        const layout = justify(given, shape);
        const [first, last] = rowsWithin(layout, from, from + size);
        layout.rows.forEach((row, i) => {
          const touches = row.top < from + size && row.top + row.height + shape.foot > from;
          if (touches) expect(i >= first && i < last).toBe(true);
          else if (i >= first && i < last) expect(i).toBe(first);
        });
      },
    ),
  );
});

test('a hundred thousand pictures are laid out at once, and a window shows a handful', () => {
  const many = Array.from({ length: 100_000 }, (_, i) => 0.6 + (i % 17) / 10);
  const began = performance.now();
  const layout = justify(many, form);
  const [first, last] = rowsWithin(layout, layout.height / 2, layout.height / 2 + 2000);
  expect(performance.now() - began).toBeLessThan(500);
  expect(last - first).toBeLessThan(14);
  expect(rowOf(layout, 50_000)).toBe(layout.rows.findIndex(({ start, end }) => start <= 50_000 && 50_000 < end));
});

test('steps go to neighbours, to the picture above and below, and stop at the ends', () => {
  const squares = Array.from({ length: 12 }, () => 1);
  const layout = justify(squares, form);
  expect(layout.rows.map(({ end }) => end)).toEqual([5, 10, 12]);
  expect(stepFrom(0, 'left', layout, squares)).toBe(0);
  expect(stepFrom(0, 'right', layout, squares)).toBe(1);
  expect(stepFrom(2, 'down', layout, squares)).toBe(7);
  expect(stepFrom(9, 'down', layout, squares)).toBe(11);
  expect(stepFrom(11, 'down', layout, squares)).toBe(11);
  expect(stepFrom(7, 'up', layout, squares)).toBe(2);
  expect(stepFrom(2, 'up', layout, squares)).toBe(2);
  expect(stepFrom(3, 'first', layout, squares)).toBe(0);
  expect(stepFrom(3, 'last', layout, squares)).toBe(11);
});

test('shapes are kept within bounds, and are square where nothing is known', () => {
  expect(shapeOf(300, 200)).toBe(1.5);
  expect(shapeOf(9000, 100)).toBe(2.6);
  expect(shapeOf(100, 9000)).toBe(0.5);
  for (const [width, height] of [
    [undefined, 3],
    [0, 3],
    ['3', 3],
    [Number.NaN, 1],
  ])
    expect(shapeOf(width, height)).toBe(1);
});
