/** @file Random batches: all captions shuffled anew in every epoch, cut into batches. */
import { Random } from '../../random/random.ts';
import { cut, requireBatches, type Sampler, samplerOf } from './sampler.ts';

/**
 * Shuffled batches of one size. The captions left over at the end of an epoch, fewer than a batch, wait for another epoch.
 *
 * @param captions how many there are; batches hold indices below it
 * @throws DIPTYCH_TRAINING_BATCH_TOO_LARGE
 */
export function shuffledSampler(captions: number, batchSize: number, seed: number): Sampler {
  const length = Math.floor(captions / batchSize);
  requireBatches(length, batchSize, captions, 'captions');
  return samplerOf(length, batchSize, (epoch) => cut(shuffledCaptions(captions, seed, epoch), batchSize));
}

/** The indices of all captions in the order of an epoch. */
export function shuffledCaptions(captions: number, seed: number, epoch: number): Int32Array {
  const order = new Int32Array(captions);
  for (let i = 0; i < captions; i++) order[i] = i;
  return new Random(seed, 'sampler', epoch).shuffle(order);
}
