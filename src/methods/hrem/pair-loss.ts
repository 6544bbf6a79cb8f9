/** @file The loss on a pair of embedding sets: triplets with drawn negatives, the hinge loss of VSE-infinity, or InfoNCE. */
import { concat, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Scene } from '../objective.ts';
import { type HingeOptions, hinge } from '../objectives/hinge.ts';
import { infoNce } from '../objectives/info-nce.ts';
import { fixedScale } from '../objectives/temperature.ts';
import { type TripletOptions, tripletLosses } from './triplet.ts';

export type PairLoss =
  | ({ readonly kind: 'distance-weighted' } & TripletOptions)
  /** Captions of the same image are left out. */
  | ({ readonly kind: 'vse' } & HingeOptions)
  /** The same; a mean over pairs where the others are sums. */
  | { readonly kind: 'infonce'; readonly temperature: number };

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
  if (options.kind === 'distance-weighted') {
    if (!mode.key) throw new TypeError('negatives are drawn with the key of a training step');
    return tripletLosses(scores, sameImage, options, mode.key, stream);
  }
  const lossOf = (one: Tensor): Tensor =>
    options.kind === 'vse'
      ? hinge(one, sameImage, options).loss
      : infoNce(one, sameImage, fixedScale(options.temperature)).loss;
  return concat(
    scores.map((one) => unsqueeze(lossOf(one), 0)),
    0,
  );
}
