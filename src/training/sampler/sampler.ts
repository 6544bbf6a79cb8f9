/** @file What a sampler is: batches of caption indices as a pure function of (seed, epoch, index), so any can be drawn again. */
import { DiptychError } from '../../errors/error.ts';

/** Draws the batches of every epoch. Its whole state is a position (epoch, index): nothing else has to be saved. */
export interface Sampler {
  /** Batches in an epoch, known by construction and the same in every epoch. */
  readonly length: number;
  readonly batchSize: number;
  /** Indices of the captions of a batch, `index` from 0 to `length - 1`. The caller owns the array. */
  batch(epoch: number, index: number): Int32Array;
}

/** Epochs kept: the one being trained on and the one being prefetched. */
const KEPT = 2;

/**
 * A sampler from the batches of each epoch, which are drawn when they are asked for: laying out a large epoch at once
 * would hold up the process.
 *
 * @param batchesOf the `length` batches of an epoch, in order; pure
 */
export function samplerOf(
  length: number,
  batchSize: number,
  batchesOf: (epoch: number) => Generator<Int32Array, void>,
): Sampler {
  const epochs = new Map<number, { readonly drawn: Int32Array[]; readonly rest: Generator<Int32Array, void> }>();

  function openEpoch(epoch: number) {
    const opened = epochs.get(epoch) ?? { drawn: [], rest: batchesOf(epoch) };
    epochs.set(epoch, opened);
    for (const old of epochs.keys()) if (epochs.size > KEPT) epochs.delete(old);
    return opened;
  }

  return {
    length,
    batchSize,
    batch(epoch, index) {
      if (!(index >= 0 && index < length)) throw new RangeError(`batch ${index} of an epoch of ${length}`);
      const { drawn, rest } = openEpoch(epoch);
      while (drawn.length <= index) {
        const next = rest.next();
        if (next.done) throw new RangeError(`epoch ${epoch} has only ${drawn.length} of ${length} batches`);
        drawn.push(next.value);
      }
      return drawn[index].slice();
    },
  };
}

/** Cuts the captions of an epoch into batches; fewer than a batch are left over. */
export function* cut(captions: Int32Array, batchSize: number): Generator<Int32Array, void> {
  for (let end = batchSize; end <= captions.length; end += batchSize) yield captions.subarray(end - batchSize, end);
}

/** Refuses a batch size that leaves an epoch without batches. */
export function requireBatches(length: number, batchSize: number, available: number, what: string): void {
  if (length < 1) throw new DiptychError('DIPTYCH_TRAINING_BATCH_TOO_LARGE', { batchSize, available, what });
}
