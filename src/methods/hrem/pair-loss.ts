/** @file The loss on a pair of embedding sets: triplets with drawn negatives, or the hinge loss of VSE-infinity. */
import { concat, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Scene } from '../objective.ts';
import { type HingeOptions, hinge } from '../objectives/hinge.ts';
import { type TripletOptions, tripletLosses } from './triplet.ts';

export type PairLoss =
  | ({ readonly kind: 'distance-weighted' } & TripletOptions)
  /** Captions of the same image are left out. */
  | ({ readonly kind: 'vse' } & HingeOptions);

/**
 * A loss for each score matrix of a batch.
 *
 * @param scores [B, B], rows are images
 * @param stream name of the use, for the random numbers
 * @returns [matrices]
 */
export function pairLosses(
  scores: readonly Tensor[],
  { sameImage, mode }: Pick<Scene, 'sameImage' | 'mode'>,
  options: PairLoss,
  stream: string,
): Tensor {
  if (options.kind === 'vse')
    return concat(
      scores.map((one) => unsqueeze(hinge(one, sameImage, options).loss, 0)),
      0,
    );
  if (!mode.key) throw new TypeError('negatives are drawn with the key of a training step');
  return tripletLosses(scores, sameImage, options, mode.key, stream);
}
