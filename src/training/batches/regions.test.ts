/** @file Size augmentation of pictures: how often regions are left out, in which order the others stand, and what evaluation sees. */
import { expect, test } from 'vitest';
import { RegionSide } from './regions.ts';

const [regions, width, count] = [36, 1, 64];
/** A region is its number, behind those of its picture and view. */
const sideWith = (regionDrop: number, viewProbability = 0, views = 1) =>
  new RegionSide(
    {
      ...{ regions, width, views, dtype: 'float32' },
      read: async (image, view) => Float32Array.from({ length: regions }, (_, k) => 10_000 * image + 1000 * view + k),
    },
    { regionDrop, viewProbability, averagedViews: views },
  );
const items = Int32Array.from({ length: count }, (_, i) => i);

/** Regions of each picture as they are packed. */
async function drawn(side: RegionSide, step: number | undefined, view = 0): Promise<number[][]> {
  const { lengths, feeds } = await side.draw(items, step === undefined ? undefined : { seed: 1, step }, view);
  const packed = (await feeds([...items])).get('features')!.data;
  let row = 0;
  return Array.from(items, (item) =>
    Array.from({ length: lengths[item] }, () => {
      const number = packed[row++];
      if (Math.floor(number / 10_000) !== item) throw new Error(`a region of another picture than ${item}`);
      return number % 10_000;
    }),
  );
}

test('every region is left out with the same chance, by itself; the others keep their order', async () => {
  const steps = 25;
  const kept = new Array<number>(regions).fill(0);
  let both = 0;
  let ordered = true;
  for (let step = 0; step < steps; step++) {
    for (const numbers of await drawn(sideWith(0.2), step)) {
      ordered &&= numbers.every((number, k) => k === 0 || number > numbers[k - 1]);
      for (const number of numbers) kept[number]++;
      if (numbers.includes(3) && numbers.includes(17)) both++;
    }
  }
  expect(ordered).toBe(true);
  const draws = steps * count;
  // Four deviations of a binomial.
  const near = (share: number) => 4 * Math.sqrt((share * (1 - share)) / draws);
  for (const number of kept) expect(Math.abs(number / draws - 0.8)).toBeLessThan(near(0.8));
  expect(Math.abs(both / draws - 0.64)).toBeLessThan(near(0.64));
});

test('a picture keeps a region; another step leaves out others, the same step the same', async () => {
  for (const numbers of await drawn(sideWith(1), 0)) expect(numbers).toHaveLength(1);
  const [first, again, later] = [
    await drawn(sideWith(0.2), 3),
    await drawn(sideWith(0.2), 3),
    await drawn(sideWith(0.2), 4),
  ];
  expect(again).toEqual(first);
  expect(later).not.toEqual(first);
});

test('evaluation and a chance of 0 see every region of the view that is asked for', async () => {
  const all = Array.from({ length: regions }, (_, k) => k);
  for (const numbers of await drawn(sideWith(0.2, 0.8, 3), undefined)) expect(numbers).toEqual(all);
  for (const numbers of await drawn(sideWith(0.2, 0.8, 3), undefined, 2)) {
    expect(numbers).toEqual(all.map((k) => 2000 + k));
  }
  for (const numbers of await drawn(sideWith(0), 5)) expect(numbers).toEqual(all);
});

test('training shows a further view as often as is asked for, each alike', async () => {
  const seen = new Array<number>(3).fill(0);
  for (let step = 0; step < 30; step++) {
    for (const numbers of await drawn(sideWith(0, 0.8, 3), step)) seen[Math.floor(numbers[0] / 1000)]++;
  }
  const total = 30 * count;
  expect(Math.abs(seen[0] / total - 0.2)).toBeLessThan(0.04);
  for (const number of seen.slice(1)) expect(Math.abs(number / total - 0.4)).toBeLessThan(0.05);
});
