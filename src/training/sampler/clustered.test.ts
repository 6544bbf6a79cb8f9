/** @file The builder of clustered batches: what every pass promises. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../random/random.ts';
import { type ClusteredOptions, clusteredPass, clusteredSampler } from './clustered.ts';

const batchSize = 8;
const images = 160;
/** Four clusters of unequal size. */
const assignment = Int32Array.from({ length: images }, (_, i) => (i < 64 ? 0 : i < 112 ? 1 : i < 152 ? 2 : 3));
const imageOfCaption = Int32Array.from({ length: 5 * images }, (_, caption) => Math.floor(caption / 5));
const options: ClusteredOptions = { assignment, groups: 2, randomShare: 0.2, imageOfCaption, batchSize, seed: [4, 1] };

test('every image is there once in a pass, and clustered batches hold groups of different clusters', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 150 }),
      fc.constantFrom(1, 2, 4, 8),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(50),
      (clusters, groups, randomShare, seed) => {
        const given = { assignment: Int32Array.from(clusters), groups, randomShare };
        const batches = clusteredPass(given, batchSize, new Random('test', seed));
        const seen = batches.flatMap(({ images }) => [...images]);
        expect(batches).toHaveLength(Math.floor(clusters.length / batchSize));
        expect(new Set(seen).size).toBe(seen.length);
        for (const { images, clustered } of batches) {
          expect(images).toHaveLength(batchSize);
          if (!clustered) continue;
          const counts = new Map<number, number>();
          for (const image of images) counts.set(clusters[image], (counts.get(clusters[image]) ?? 0) + 1);
          expect([...counts.values()]).toEqual(Array.from({ length: groups }, () => batchSize / groups));
        }
      },
    ),
  );
});

test('about a share of the batches is random, and what fills no group', () => {
  const shareOf = (randomShare: number, groups: number) => {
    const passes = Array.from({ length: 20 }, (_, pass) =>
      clusteredPass({ assignment, groups, randomShare }, batchSize, new Random(pass)),
    ).flat();
    return passes.filter(({ clustered }) => !clustered).length / passes.length;
  };
  expect(shareOf(0, 2)).toBe(0);
  expect(shareOf(1, 2)).toBe(1);
  expect(shareOf(0.2, 1)).toBeGreaterThan(0.2);
  expect(shareOf(0.2, 1)).toBeLessThan(0.35);
  // Four clusters cannot fill batches of eight.
  expect(shareOf(0, 8)).toBe(1);
});

test('as many passes as captions show every caption, one of an image in a batch', () => {
  const sampler = clusteredSampler(options);
  expect(sampler.length).toBe(images / batchSize);
  const seen = new Set<number>();
  for (let pass = 0; pass < 5; pass++) {
    for (let index = 0; index < sampler.length; index++) {
      const batch = sampler.batch(pass, index);
      expect(new Set(batch.map((caption) => imageOfCaption[caption])).size).toBe(batchSize);
      for (const caption of batch) seen.add(caption);
    }
  }
  expect(seen.size).toBe(imageOfCaption.length);
});

test('batches are a function of clusters and seed, in any order of asking', () => {
  const [one, two] = [clusteredSampler(options), clusteredSampler(options)];
  const late = two.batch(3, 7);
  expect(one.batch(0, 0)).toEqual(two.batch(0, 0));
  expect(one.batch(3, 7)).toEqual(late);
  expect(clusteredSampler({ ...options, seed: [4, 2] }).batch(3, 7)).not.toEqual(late);
  expect(one.batch(4, 7)).not.toEqual(late);
});

test('images with fewer captions than passes show them again', () => {
  const few = { ...options, imageOfCaption: Int32Array.from({ length: images }, (_, i) => i) };
  expect(new Set(clusteredSampler(few).batch(9, 0)).size).toBe(batchSize);
});

test('images without captions are left out', () => {
  const some = { ...options, imageOfCaption: Int32Array.from({ length: 16 }, (_, i) => 2 * i) };
  const sampler = clusteredSampler(some);
  expect(sampler.length).toBe(2);
  const drawn = [0, 1].flatMap((index) => [...sampler.batch(0, index)]);
  expect(drawn.sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i));
});

test('fewer images than a batch are refused', () => {
  const few = { ...options, assignment: Int32Array.of(0, 0, 1), imageOfCaption: Int32Array.of(0, 1, 2) };
  expect(() => clusteredSampler(few)).toThrow(/no batch of 8 can be drawn from 3/);
});
