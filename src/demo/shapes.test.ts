import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { containers, shapeNames, shapes } from './shapes.ts';

const coordinate = fc.double({ min: -2, max: 2, noNaN: true });

/** Share of a grid of points over [-2, 2]² that lies inside, as an area. */
function areaOf(shape: (x: number, y: number) => number): number {
  const steps = 200;
  let inside = 0;
  for (let row = 0; row < steps; row++) {
    for (let column = 0; column < steps; column++) {
      if (shape(((column + 0.5) / steps) * 4 - 2, ((row + 0.5) / steps) * 4 - 2) < 0) inside++;
    }
  }
  return (inside / steps ** 2) * 16;
}

describe.each(shapeNames)('%s', (name) => {
  const shape = shapes[name];

  test('covers between a third and all of the disc of radius 1, and stays within 1.35', () => {
    const area = areaOf(shape);
    expect(area).toBeGreaterThan(1);
    expect(area).toBeLessThan(3.2);
    for (let i = 0; i < 64; i++) {
      const angle = (i / 64) * 2 * Math.PI;
      expect(shape(1.35 * Math.cos(angle), 1.35 * Math.sin(angle))).toBeGreaterThan(0);
    }
  });

  test('changes by no more than the way gone, so that edges are smooth', () => {
    const property = fc.property(coordinate, coordinate, coordinate, coordinate, (ax, ay, bx, by) => {
      const way = Math.sqrt((ax - bx) ** 2 + (ay - by) ** 2);
      expect(Math.abs(shape(ax, ay) - shape(bx, by))).toBeLessThanOrEqual(way + 1e-9);
    });
    fc.assert(property, { numRuns: 300 });
  });
});

test.each([
  ['circle', Math.PI],
  ['square', 1.74 ** 2],
  ['ring', Math.PI * (1.01 ** 2 - 0.61 ** 2)],
  ['diamond', 1.6 ** 2],
] as const)('area of the %s', (name, area) => {
  expect(Math.abs(areaOf(shapes[name]) - area)).toBeLessThan(0.1);
});

test('containers are free, or of one colour, for 0.6 of their radius around the centre', () => {
  for (const name of containers) {
    const sides = new Set<boolean>();
    for (let i = 0; i < 64; i++) {
      const angle = (i / 64) * 2 * Math.PI;
      sides.add(shapes[name](0.6 * Math.cos(angle), 0.6 * Math.sin(angle)) < 0);
    }
    expect(sides).toEqual(new Set([name !== 'ring']));
  }
});
