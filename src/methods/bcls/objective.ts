/**
 * @file BCLS: binary labels by a triplet loss, graded ones by a ranking loss that any other objective can be joined with.
 *
 *     L = L_SN + λ · L_K
 */
import { DiptychError } from '../../errors/error.ts';
import { multiply } from '../../graph/ops/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Objective } from '../objective.ts';
import { hinge } from '../objectives/hinge.ts';
import type { Objective as Loss } from '../objectives/relation.ts';
import { type Negatives, softTriplet } from '../objectives/triplet.ts';
import { type Ranking, rankingLoss, windowRange } from './ranking.ts';

/** How the binary part looks at negatives: Triplet-SN in its readings, or the hardest negative alone (Triplet-HN). */
export type TripletNegatives = Negatives | { readonly form: 'hardest' };

export interface TripletOptions {
  /** α: by how much a pair must beat its negatives. */
  readonly margin: number;
  readonly negatives: TripletNegatives;
}

export interface RelevanceOptions {
  /** Pairs of a batch. */
  readonly pairs: number;
  readonly ranking: Ranking;
}

/** The binary part, L_SN: captions of the same image are no negatives. */
export function tripletObjective({ margin, negatives }: TripletOptions): Objective {
  return {
    name: 'triplet',
    parameters: {},
    memory: {},
    inputs: {},
    term: (_, memory, __, { scores, sameImage, pairs }) => ({
      ...(negatives.form === 'hardest'
        ? hardest(scores, sameImage, pairs, margin)
        : softTriplet(scores, sameImage, margin, negatives)),
      memory,
    }),
  };
}

/** L_HN = 1/2 { mean_i max_j [α + s_ij - s_ii]₊ + mean_j max_i [α + s_ij - s_jj]₊ }. */
function hardest(scores: Tensor, same: Tensor, pairs: number, margin: number): Loss {
  const { loss, metrics } = hinge(scores, same, { margin, negatives: 'hardest' });
  return { loss: multiply(loss, 1 / (2 * pairs)), metrics };
}

/**
 * The graded part, L_K, to be added to any objective: scores shall order candidates as relevance does. It reads the batch entry
 * `relevance` [pairs, pairs] (rows are images), which `relevanceFeeds` fills; pairs of one image are equally relevant there, so
 * nothing has to be masked. Nothing of it is needed once a model is trained.
 *
 * @throws DIPTYCH_BCLS_WINDOW if the window does not fit the batch
 */
export function relevanceObjective({ pairs, ranking }: RelevanceOptions): Objective {
  requireWindow(pairs, ranking);
  return {
    name: 'relevance',
    parameters: {},
    memory: {},
    inputs: { relevance: { shape: [pairs, pairs], dtype: 'float32' } },
    term: (_, memory, { relevance }, { scores }) => ({
      ...rankingLoss(scores, relevance as Tensor, ranking),
      memory,
    }),
  };
}

function requireWindow(pairs: number, ranking: Ranking): void {
  if (ranking.form !== 'window') return;
  const { window, variant } = ranking;
  const range = windowRange(pairs, variant);
  if (Number.isInteger(window) && window >= range.least && window <= range.most) return;
  throw new DiptychError('DIPTYCH_BCLS_WINDOW', { window, pairs, ...range });
}
