import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDiptychError } from '../../errors/error.ts';
import { Random } from '../../random/random.ts';
import type { Sampler } from './sampler.ts';
import { shuffledSampler } from './shuffled.ts';
import { imageUniqueSampler } from './unique.ts';

const seeds = fc.nat(2 ** 31);
const epochs = fc.nat(5);

function drawEpoch(sampler: Sampler, epoch: number): number[] {
  return Array.from({ length: sampler.length }, (_, index) => [...sampler.batch(epoch, index)]).flat();
}

/** Captions of each image, at least one image with a caption. */
const counts = fc.array(fc.nat(7), { minLength: 1, maxLength: 60 }).filter((list) => list.some((count) => count > 0));

function imagesOf(list: readonly number[], seed: number): Int32Array {
  const images = list.flatMap((count, image) => new Array<number>(count).fill(image));
  return new Random(seed, 'captions').shuffle(Int32Array.from(images));
}

describe('shuffled sampler', () => {
  test('draws every caption once an epoch, but for fewer than a batch', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 40 }),
        seeds,
        epochs,
        (n, b, seed, epoch) => {
          fc.pre(n >= b);
          const sampler = shuffledSampler(n, b, seed);
          const drawn = drawEpoch(sampler, epoch);
          expect(drawn.length).toBe(n - (n % b));
          expect(new Set(drawn).size).toBe(drawn.length);
          expect(drawn.every((caption) => caption >= 0 && caption < n)).toBe(true);
        },
      ),
    );
  });

  test('orders differ between epochs and seeds and are the same when drawn again', () => {
    const draw = (seed: number, epoch: number) => drawEpoch(shuffledSampler(100, 10, seed), epoch);
    expect(draw(1, 0)).toEqual(draw(1, 0));
    expect(draw(1, 0)).not.toEqual(draw(1, 1));
    expect(draw(1, 0)).not.toEqual(draw(2, 0));
  });

  test('every position is about equally likely for every caption', () => {
    const hits = new Float64Array(20);
    const sampler = shuffledSampler(20, 1, 7);
    for (let epoch = 0; epoch < 4000; epoch++) hits[sampler.batch(epoch, 3)[0]]++;
    // Binomial(4000, 1/20): mean 200, standard deviation 13.8.
    for (const hit of hits) expect(Math.abs(hit - 200)).toBeLessThan(5 * 13.8);
  });

  test('refuses a batch that cannot be filled', () => {
    expect(() => shuffledSampler(9, 10, 0)).toThrow('no batch of 10 can be drawn from 9 captions');
  });
});

describe('image-unique sampler', () => {
  test('no image twice in a batch, no caption twice in an epoch, and as many batches as there can be', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 12 }), seeds, epochs, (list, batchSize, seed, epoch) => {
        const imageOfCaption = imagesOf(list, seed);
        const places = (length: number) => list.reduce((sum, count) => sum + Math.min(count, length), 0);
        fc.pre(places(1) >= batchSize);
        const sampler = imageUniqueSampler(imageOfCaption, batchSize, seed);
        const drawn = drawEpoch(sampler, epoch);
        expect(new Set(drawn).size).toBe(drawn.length);
        expect(drawn.length).toBe(sampler.length * batchSize);
        for (let index = 0; index < sampler.length; index++) {
          const images = Array.from(sampler.batch(epoch, index), (caption) => imageOfCaption[caption]);
          expect(new Set(images).size).toBe(batchSize);
        }
        expect(places(sampler.length)).toBeGreaterThanOrEqual(sampler.length * batchSize);
        expect(places(sampler.length + 1)).toBeLessThan((sampler.length + 1) * batchSize);
      }),
      { numRuns: 500 },
    );
  });

  test('with equal counts every caption is drawn', () => {
    const imageOfCaption = imagesOf(new Array<number>(40).fill(5), 3);
    const sampler = imageUniqueSampler(imageOfCaption, 8, 3);
    expect(sampler.length).toBe(25);
    for (let epoch = 0; epoch < 5; epoch++) expect(new Set(drawEpoch(sampler, epoch)).size).toBe(200);
  });

  test('keeps the shuffled order but for the captions that must wait', () => {
    const imageOfCaption = imagesOf(new Array<number>(1000).fill(5), 1);
    const unique = drawEpoch(imageUniqueSampler(imageOfCaption, 32, 1), 0);
    const shuffled = drawEpoch(shuffledSampler(5000, 32, 1), 0);
    const places = new Map(shuffled.map((caption, place) => [caption, place]));
    const shifts = unique.map((caption, place) => Math.abs(place - (places.get(caption) ?? place)));
    // The last batches may need captions from further ahead; the others stay within a few batches of their place.
    expect(shifts.filter((shift) => shift > 3 * 32).length).toBeLessThan(0.05 * unique.length);
  });

  test('one image with most of the captions does not stall it', () => {
    const imageOfCaption = imagesOf([200_000, ...new Array<number>(1000).fill(1)], 5);
    const sampler = imageUniqueSampler(imageOfCaption, 10, 5);
    // 1000 single captions and one of the large image in each batch: 111 batches of 10.
    expect(sampler.length).toBe(111);
    expect(new Set(drawEpoch(sampler, 0)).size).toBe(1110);
  });

  test('refuses a batch larger than the number of images', () => {
    const attempt = () => imageUniqueSampler(imagesOf([5, 0, 5], 0), 3, 0);
    expect(attempt).toThrow('no batch of 3 can be drawn from 2 images, one caption each');
    try {
      attempt();
    } catch (error) {
      expect(isDiptychError(error, 'DIPTYCH_TRAINING_BATCH_TOO_LARGE')).toBe(true);
    }
  });
});

describe('resume', () => {
  test('from any position equals the uninterrupted run, in any order of asking', () => {
    fc.assert(
      fc.property(
        counts,
        fc.integer({ min: 1, max: 6 }),
        seeds,
        fc.nat(1000),
        fc.boolean(),
        (list, b, seed, at, unique) => {
          const imageOfCaption = imagesOf(list, seed);
          fc.pre(list.filter((count) => count > 0).length >= b);
          const make = () =>
            unique ? imageUniqueSampler(imageOfCaption, b, seed) : shuffledSampler(imageOfCaption.length, b, seed);
          const whole = make();
          const total = 4 * whole.length;
          const draw = (sampler: Sampler, step: number) =>
            sampler.batch(Math.floor(step / sampler.length), step % sampler.length);
          const uninterrupted = Array.from({ length: total }, (_, step) => draw(whole, step));
          const start = at % total;
          const resumed = make();
          for (let step = start; step < total; step++) expect(draw(resumed, step)).toEqual(uninterrupted[step]);
          expect(draw(whole, 0)).toEqual(uninterrupted[0]);
        },
      ),
    );
  });

  test('a batch that the caller changes does not change the epoch', () => {
    const sampler = shuffledSampler(10, 5, 0);
    const first = sampler.batch(0, 0);
    const kept = first.slice();
    first.fill(-1);
    expect(sampler.batch(0, 0)).toEqual(kept);
  });

  test('positions outside the epoch are refused', () => {
    const sampler = shuffledSampler(10, 5, 0);
    expect(() => sampler.batch(0, 2)).toThrow(RangeError);
    expect(() => sampler.batch(0, -1)).toThrow(RangeError);
  });
});
