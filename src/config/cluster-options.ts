/** @file The options of clustered rounds: when batches are filled from clusters of the training set, and how. */
import { z } from 'zod';
import { group, option, type ValuesOf } from './option.ts';
import { amount, count, positive, share } from './types.ts';

export const clusterOptions = group('Rounds of batches that are filled from clusters of similar images', {
  start: option({
    type: amount.nullable(),
    default: null,
    flag: 'clusters-from',
    help: 'reconstructed: epoch at which the first round begins and clusters are made; none never does',
    tooSmall: 'Clusters of a model that knows nothing are random.',
    tooLarge: 'Few steps are left for hard negatives.',
    source: 'reconstructed',
  }),
  epochs: option({
    type: positive,
    default: 2,
    flag: 'cluster-epochs',
    help: 'reconstructed: epochs of a round, after which clusters are made anew from the weights of that moment',
    tooSmall: 'Time goes into encoding and clustering.',
    tooLarge: 'Clusters are those of a model long gone.',
    source: 'reconstructed',
  }),
  refresh: option({
    type: z.boolean(),
    default: true,
    flag: 'cluster-refresh',
    help: 'reconstructed: each round makes its clusters anew; else those of the first round stay',
    source: 'reconstructed',
  }),
  by: option({
    type: z.enum(['pair', 'image', 'text', 'random']),
    default: 'pair',
    flag: 'clusters-by',
    help: 'reconstructed: vectors that are clustered: image and captions together, one side alone, or none (random clusters, a control)',
    source: 'reconstructed',
  }),
  batches: option({
    type: z.array(positive).min(1),
    default: [4, 3, 2, 2, 1],
    flag: 'cluster-batches',
    help: 'reconstructed: mean size of a cluster in batches, by round; the last holds for all rounds after',
    tooSmall: 'Clusters fill no group.',
    tooLarge: 'Clusters are so wide that batches are nearly random.',
    source: 'reconstructed',
  }),
  count: option({
    type: z.int().min(2).nullable(),
    default: null,
    flag: 'cluster-count',
    help: 'clusters of every round; none makes them of the size that `batches` says',
    tooSmall: 'Clusters are wide, batches nearly random.',
    tooLarge: 'Clusters fill no group.',
    source: 'diptych',
  }),
  groups: option({
    type: z.array(count).min(1),
    default: [8, 4, 4, 2, 2],
    flag: 'cluster-groups',
    help: 'reconstructed: clusters that a batch is filled from, by round; divides the batch size, and 1 is hardest',
    tooSmall: 'Negatives that are none, and loss of the order of the whole.',
    tooLarge: 'Batch mates are hardly similar.',
    source: 'reconstructed',
  }),
  randomShare: option({
    type: share,
    default: 0.2,
    flag: 'cluster-random-share',
    help: 'reconstructed: ε, share of the images that stays in purely random batches',
    tooSmall: 'What is far apart is no longer held apart.',
    tooLarge: 'Clusters hardly count.',
    source: 'reconstructed',
  }),
  iterations: option({
    type: count,
    default: 20,
    flag: 'kmeans-iterations',
    help: 'reconstructed: steps of k-means',
    tooSmall: 'Centroids stay near the first vectors drawn.',
    tooLarge: 'Time, and nothing moves any more.',
    source: 'reconstructed',
  }),
  seedShare: option({
    type: z.number().gt(0).max(1),
    default: 0.1,
    flag: 'kmeans-seed-share',
    help: 'reconstructed: share of the images among which k-means++ finds its first centroids',
    tooSmall: 'Rare kinds of pictures get no centroid.',
    tooLarge: 'Time.',
    source: 'reconstructed',
  }),
  updates: option({
    type: z.enum(['minibatch', 'full']),
    default: 'minibatch',
    flag: 'kmeans-updates',
    help: 'reconstructed: whether a step of k-means looks at a random part of the images or at all of them',
    source: 'reconstructed',
  }),
  smallest: option({
    type: share,
    default: 0.25,
    flag: 'cluster-smallest',
    help: 'reconstructed: clusters with fewer images than this share of a batch are set anew',
    tooSmall: 'Tiny clusters end in random batches.',
    tooLarge: 'Clusters are moved on and on.',
    source: 'reconstructed',
  }),
  patience: option({
    type: z.int().min(0),
    default: 2,
    flag: 'round-patience',
    help: 'reconstructed: stops after val rSum fell in so many rounds in a row; the best checkpoint stays; 0 never stops',
    tooSmall: 'Stops at a chance dip.',
    tooLarge: 'Goes on with what makes it worse.',
    source: 'reconstructed',
  }),
});

export type ClusterValues = ValuesOf<(typeof clusterOptions)['members']>;

/** What is wrong between options; undefined when all is well. @param pairs of a batch */
export function clustersFault({ start, groups }: ClusterValues, pairs: number): string | undefined {
  const odd = start === null ? undefined : groups.find((count) => pairs % count !== 0);
  return odd === undefined ? undefined : `a batch of ${pairs} cannot be filled evenly from ${odd} clusters`;
}
