import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyOf } from '../random/hash.ts';
import { Random } from '../random/random.ts';
import { arrange } from './arrange.ts';
import { relationNames, relations } from './claim.ts';
import { drawScene } from './compose.ts';
import { backgrounds, colours, type Rgb } from './palette.ts';
import { drawPicture } from './picture.ts';
import type { Scene } from './scene.ts';
import { containers } from './shapes.ts';

const scenes = Array.from({ length: 300 }, (_, i) => drawScene(new Random(11, i)));

const redOnWhite: Scene = {
  objects: [{ shape: 'square', colour: 'red', size: 'large', row: 1, column: 1 }],
  background: { colour: 'white', pattern: 'plain' },
};

function pixel(picture: Uint8Array, size: number, x: number, y: number): Rgb {
  const at = (Math.floor(y * size) * size + Math.floor(x * size)) * 3;
  return [picture[at], picture[at + 1], picture[at + 2]];
}

function distance(a: Rgb, b: Rgb): number {
  return Math.hypot(...a.map((value, c) => value - b[c]));
}

test('the same bytes on every machine', () => {
  const hash = createHash('sha256');
  for (const [i, scene] of scenes.slice(0, 40).entries()) hash.update(drawPicture(scene, keyOf(3, i), 64));
  expect(hash.digest('hex')).toBe('fe2b042473875c8b40f493e094ccfc97b338c83c5f74d542be695b0c4ce1931a');
});

test('the same scene is never drawn twice alike', () => {
  const [one, again, other] = [1, 1, 2].map((key) => drawPicture(redOnWhite, key, 64));
  expect(one).toEqual(again);
  const differing = one.filter((value, i) => value !== other[i]).length / one.length;
  expect(differing).toBeGreaterThan(0.8);
});

test.each([32, 64, 128])('colours are where they belong (%i pixels)', (size) => {
  const picture = drawPicture(redOnWhite, 5, size);
  expect(picture).toHaveLength(size * size * 3);
  const [{ x, y }] = arrange(redOnWhite, 5);
  expect(distance(pixel(picture, size, x, y), colours.red)).toBeLessThan(40);
  for (const corner of [0.02, 0.98]) {
    expect(distance(pixel(picture, size, corner, corner), backgrounds.white)).toBeLessThan(40);
  }
});

test('objects lie in the picture, apart from each other or well inside one another', () => {
  for (const [i, scene] of scenes.entries()) {
    const drawings = arrange(scene, i);
    for (const [k, { x, y, radius, object }] of drawings.entries()) {
      for (const edge of [x, 1 - x, y, 1 - y]) expect(edge).toBeGreaterThan(radius - 0.035);
      for (const other of drawings.slice(0, k)) {
        const apart = Math.hypot(x - other.x, y - other.y);
        if (object.within !== undefined && drawings[object.within] === other) {
          expect(containers).toContain(other.object.shape);
          expect(apart + radius).toBeLessThan(0.66 * other.radius);
        } else expect(apart).toBeGreaterThan(0.98 * (radius + other.radius));
      }
    }
  }
});

test('what is said of thirds is seen in the picture', () => {
  for (const [i, scene] of scenes.entries()) {
    const drawings = arrange(scene, i);
    for (const a of drawings) {
      for (const b of drawings.filter((other) => other !== a)) {
        const seen = {
          above: a.y < b.y - 0.2,
          below: a.y > b.y + 0.2,
          leftOf: a.x < b.x - 0.2,
          rightOf: a.x > b.x + 0.2,
          beside: Math.abs(a.y - b.y) < 0.05 && Math.abs(a.x - b.x) > 0.2,
          inside: Math.hypot(a.x - b.x, a.y - b.y) < b.radius - a.radius,
          around: Math.hypot(a.x - b.x, a.y - b.y) < a.radius - b.radius,
        };
        for (const name of relationNames) expect(relations[name](a.object, b.object, scene)).toBe(seen[name]);
      }
    }
  }
});

test('every object stands out from what is around it', () => {
  for (const [i, scene] of scenes.slice(0, 100).entries()) {
    const picture = drawPicture(scene, i, 64);
    for (const { object, x, y, colour } of arrange(scene, i)) {
      const isSolidAtCentre = !scene.objects.some(({ within }) => scene.objects[within ?? -1] === object);
      if (!isSolidAtCentre || object.shape === 'ring' || object.shape === 'moon') continue;
      expect(distance(pixel(picture, 64, x, y), colour)).toBeLessThan(45);
      expect(distance(colour, backgrounds[scene.background.colour])).toBeGreaterThan(
        object.within === undefined ? 80 : -1,
      );
    }
  }
});
