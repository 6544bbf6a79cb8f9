/** @file From options to clustered rounds. */
import type { TrainingValues } from '../../methods/schema.ts';
import type { Progress } from '../../system/progress.ts';
import type { PairFeeds, PairSource } from '../batches/pairs.ts';
import type { Clusters } from '../rounds/cluster.ts';
import { type RoundPlan, requireRounds, roundPlan } from '../rounds/plan.ts';
import { type ClusteredRounds, clusteredRounds } from '../rounds/rounds.ts';
import { teacherFeeds } from '../rounds/teacher.ts';
import { requireBatches, type Sampler } from '../sampler/sampler.ts';
import type { Background } from './background.ts';
import type { EncodePart } from './encode-part.ts';
import type { Lengths } from './lengths.ts';
import type { Part } from './materials.ts';

/**
 * When rounds begin.
 *
 * @returns undefined without rounds
 * @throws DIPTYCH_ROUND_CLUSTERS, DIPTYCH_ROUND_GROUPS, and DIPTYCH_TRAINING_BATCH_TOO_LARGE where a round comes: its batches show no
 *   image twice
 */
export function plannedRounds(
  { clusters, training }: Pick<TrainingValues, 'clusters' | 'training'>,
  { relation, pairs }: Pick<Part, 'relation'> & { readonly pairs: Pick<PairSource, 'imageOfCaption'> },
  lengths: Lengths,
): RoundPlan | undefined {
  const { batchSize } = training;
  const images = relation.imageIds.length;
  const plan = roundPlan({ values: clusters, epochLength: lengths.epoch, batchSize, images });
  if (!plan || plan.nextFrom(0) >= lengths.run) return plan;
  const captioned = new Set(pairs.imageOfCaption).size;
  requireBatches(Math.floor(captioned / batchSize), batchSize, captioned, 'images, one caption each');
  requireRounds(plan, lengths.run, images);
  return plan;
}

/** Whether an objective reads the vectors of the model that made the clusters. */
export function readsTeacher({ objectives, icc, clusters }: TrainingValues): boolean {
  return objectives.terms.includes('icc') && clusters.start !== null && icc.guard.share > 0;
}

export interface RoundContext {
  readonly plan: RoundPlan;
  /** Folder of the run. */
  readonly folder: string;
  /** Batches until the first round. */
  readonly base: Sampler;
  readonly train: Part;
  readonly encode: EncodePart;
  readonly background: Pick<Background, 'cluster'>;
  readonly progress: Progress;
}

/** The rounds of a run. */
export function openRounds(values: TrainingValues, context: RoundContext): ClusteredRounds {
  const { plan, folder, base, train, encode, background, progress } = context;
  const { by, iterations, seedShare, updates, smallest, randomShare, refresh, patience } = values.clusters;
  const { batchSize, seed } = values.training;
  return clusteredRounds({
    ...{ plan, folder, base, seed, randomShare, refresh, patience },
    imageOfCaption: train.pairs.imageOfCaption,
    keepTeacher: readsTeacher(values),
    encode: (signal) => encode(train, signal, progress),
    cluster: (vectors, { number: round, clusters, groups }): Promise<Clusters> =>
      background.cluster({
        ...{ vectors, by, seed, round },
        kmeans: { clusters, iterations, seedShare, updates, smallest: Math.max(1, Math.round(smallest * batchSize)) },
        batches: { size: batchSize, groups, randomShare },
      }),
  });
}

/** The feeds of an objective with the vectors of the teacher among them. */
export function withTeacher(
  feeds: PairFeeds | undefined,
  rounds: ClusteredRounds | undefined,
  dimension: number,
): PairFeeds {
  return async (images, captions, moment) =>
    new Map([
      ...((await feeds?.(images, captions, moment)) ?? []),
      ...teacherFeeds(rounds?.teacherAt(moment.step), images, captions, dimension),
    ]);
}
