/** @file The batches of a run until its first clustered round. */
import type { TrainingValues } from '../../methods/schema.ts';
import { clusteredSampler } from '../sampler/clustered.ts';
import type { Sampler } from '../sampler/sampler.ts';
import { shuffledSampler } from '../sampler/shuffled.ts';
import { imageUniqueSampler } from '../sampler/unique.ts';

/**
 * Batches of random captions. ICC asks for no image twice unless it is told what to do about them, and may call a pass over the images
 * an epoch: each image once with one of its captions, another one in the next pass.
 *
 * @throws DIPTYCH_TRAINING_BATCH_TOO_LARGE
 */
export function firstSampler(
  { objectives, icc, training }: Pick<TrainingValues, 'objectives' | 'icc' | 'training'>,
  imageOfCaption: Int32Array,
): Sampler {
  const { batchSize, seed } = training;
  if (!objectives.terms.includes('icc')) return shuffledSampler(imageOfCaption.length, batchSize, seed);
  if (icc.stages.epoch === 'images') {
    const images = imageOfCaption.reduce((most, image) => Math.max(most, image), -1) + 1;
    const random = { assignment: new Int32Array(images), groups: 1, randomShare: 1 };
    return clusteredSampler({ ...random, imageOfCaption, batchSize, seed: [seed] });
  }
  return icc.cross.duplicates === 'unique'
    ? imageUniqueSampler(imageOfCaption, batchSize, seed)
    : shuffledSampler(imageOfCaption.length, batchSize, seed);
}
