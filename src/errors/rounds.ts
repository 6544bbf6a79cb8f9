/** @file Errors of clustered rounds: too few images, and what a round leaves in the folder of its run. */
import { entry } from './entry.ts';

export const roundErrors = {
  DIPTYCH_ROUND_CLUSTERS: entry<{ round: number; clusters: number; images: number }>({
    message: ({ round, clusters, images }) => `round ${round} is to make ${clusters} clusters of ${images} images`,
    why: 'Each cluster needs an image, and clusters of a few images fill no group of a batch.',
    cure: 'Lower `--cluster-count`, or leave it out so that clusters are sized by batches; or give more images.',
  }),
  DIPTYCH_ROUND_GROUPS: entry<{ round: number; groups: number; clusters: number; images: number }>({
    message: ({ round, groups, clusters, images }) =>
      `batches of round ${round} are to be filled from ${groups} clusters each, but ${images} images make ${clusters} clusters`,
    why: 'A batch takes its groups from different clusters, and on small data there are few clusters of several batches each.',
    cure: 'Lower `--cluster-groups` or `--cluster-batches`, take smaller batches, or name the number of clusters with `--cluster-count`.',
  }),
  DIPTYCH_ROUND_DAMAGED: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: the clusters of the round are not what was written: ${reason}`,
    why: 'A run that is resumed inside a round goes on with the clusters that the round began with.',
    cure: 'Restore the folder from a copy, or resume from a checkpoint at or before the beginning of the round with `--from-step`: clusters are then made again.',
  }),
} as const;
