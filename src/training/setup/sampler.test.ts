/** @file Which batches a run begins with: what an epoch is, and whether an image may be in a batch twice. */
import { expect, test } from 'vitest';
import { resolve } from '../../config/resolve.ts';
import { trainingSchema } from '../../methods/schema.ts';
import { firstSampler } from './sampler.ts';

const [images, captions, batchSize] = [20, 5, 8];
const imageOfCaption = Int32Array.from({ length: images * captions }, (_, caption) => Math.floor(caption / captions));
const samplerWith = (flags: Record<string, string>, terms = 'icc') =>
  firstSampler(
    resolve(trainingSchema, {
      flags: { 'data.path': '.', 'objectives.terms': terms, 'training.batchSize': `${batchSize}`, ...flags },
    }),
    imageOfCaption,
  );
const epochOf = (sampler: ReturnType<typeof samplerWith>, epoch: number) =>
  Array.from({ length: sampler.length }, (_, index) => [...sampler.batch(epoch, index)]);
const hasTwins = (batch: number[]) => new Set(batch.map((caption) => imageOfCaption[caption])).size < batch.length;

test('an epoch shows the captions once; no image twice in a batch of ICC unless it is told what to do about that', () => {
  for (const [flags, terms, twins] of [
    [{}, 'icc', false],
    [{ 'icc.cross.duplicates': 'mask' }, 'icc', true],
    [{ 'icc.stages.epoch': 'images' }, 'vse', true],
  ] as const) {
    const batches = epochOf(samplerWith(flags, terms), 0);
    expect(batches).toHaveLength(12);
    expect(new Set(batches.flat()).size).toBe(96);
    expect(batches.some(hasTwins)).toBe(twins);
  }
});

test('or the images, each with one caption, and another one in the next', () => {
  const sampler = samplerWith({ 'icc.stages.epoch': 'images' });
  expect(sampler.length).toBe(2);
  const passes = Array.from({ length: 40 }, (_, pass) => epochOf(sampler, pass));
  for (const batches of passes) expect(batches.some(hasTwins)).toBe(false);
  // Four images are left over in each pass, others in each.
  expect(new Set(passes.flat(2)).size).toBe(imageOfCaption.length);
  const [first, second] = passes.map((batches) => new Map(batches.flat().map((c) => [imageOfCaption[c], c])));
  const again = [...first].filter(([image]) => second.has(image));
  for (const [image, caption] of again) expect(second.get(image)).not.toBe(caption);
  expect(epochOf(samplerWith({ 'icc.stages.epoch': 'images', 'training.seed': '2' }), 0)).not.toEqual(passes[0]);
});

test('fewer images than a batch are refused', () => {
  const many = { 'training.batchSize': '32', 'icc.cross.views': 'first' };
  for (const flags of [{}, { 'icc.stages.epoch': 'images' }]) {
    expect(() => samplerWith({ ...many, ...flags })).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_TRAINING_BATCH_TOO_LARGE' }),
    );
  }
});
