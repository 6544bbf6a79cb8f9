import { expect, test } from 'vitest';
import { Random } from '../../random/random.ts';
import { augmentPixels, strongView, weakView } from './augment.ts';

const size = 32;
/** Red rises to the right, green downwards, blue is even. */
const picture = Uint8Array.from({ length: 3 * size * size }, (_, at) => {
  const [channel, pixel] = [Math.floor(at / (size * size)), at % (size * size)];
  return channel === 0 ? (pixel % size) * 8 : channel === 1 ? Math.floor(pixel / size) * 8 : 128;
});
const plane = (planes: Uint8Array, channel: number) =>
  planes.subarray(channel * size * size, (channel + 1) * size * size);

test('a view is a function of its random numbers, and leaves the picture as it is', () => {
  const before = picture.slice();
  const one = augmentPixels(picture, size, strongView, new Random(5));
  expect(augmentPixels(picture, size, strongView, new Random(5))).toEqual(one);
  expect(augmentPixels(picture, size, strongView, new Random(6))).not.toEqual(one);
  expect(picture).toEqual(before);
});

test('the whole picture without colours is the picture', () => {
  expect(augmentPixels(picture, size, { area: [1, 1], colours: false }, new Random(1))).toEqual(picture);
});

test('weak views show a part of half the area or more, never mirrored, in its own colours', () => {
  for (let draw = 0; draw < 40; draw++) {
    const view = augmentPixels(picture, size, weakView, new Random('weak', draw));
    const [red, green] = [plane(view, 0), plane(view, 1)];
    const spans = [(red[size - 1] - red[0]) / 248, (green[size * (size - 1)] - green[0]) / 248];
    expect(red[size - 1]).toBeGreaterThan(red[0]);
    expect(spans[0] * spans[1]).toBeGreaterThan(0.45);
    expect(plane(view, 2).every((x) => x === 128)).toBe(true);
  }
});

test('strong views are mirrored half of the time and grey a fifth of it', () => {
  const views = Array.from({ length: 300 }, (_, draw) =>
    augmentPixels(picture, size, strongView, new Random('strong', draw)),
  );
  const grey = views.filter((view) =>
    view.every((x, at) => at < size * size || Math.abs(x - view[at % (size * size)]) <= 1),
  );
  expect(grey.length / 300).toBeGreaterThan(0.12);
  expect(grey.length / 300).toBeLessThan(0.28);
  const coloured = views.filter((view) => !grey.includes(view));
  const mirrored = coloured.filter((view) => plane(view, 0)[0] > plane(view, 0)[size - 1]);
  expect(mirrored.length / coloured.length).toBeGreaterThan(0.4);
  expect(mirrored.length / coloured.length).toBeLessThan(0.6);
});

test('blurring and moving colours keep an even picture even', () => {
  const even = new Uint8Array(3 * size * size).fill(90);
  for (let draw = 0; draw < 20; draw++) {
    const view = augmentPixels(even, size, strongView, new Random('even', draw));
    expect(new Set(view).size).toBe(1);
  }
});
