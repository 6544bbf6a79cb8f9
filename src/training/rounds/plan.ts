/** @file When rounds begin, and how many clusters each makes: known before training starts. */
import type { ClusterValues } from '../../config/cluster-options.ts';
import { DiptychError } from '../../errors/error.ts';

/** One round. */
export interface Round {
  /** From 0. */
  readonly number: number;
  /** First step. */
  readonly from: number;
  readonly clusters: number;
  /** Clusters that a batch is filled from. */
  readonly groups: number;
}

export interface RoundPlan {
  /** The round of a step; undefined before the first. */
  roundAt(step: number): Round | undefined;
  /** First step at or after the given one at which a round begins. */
  nextFrom(step: number): number;
}

export interface RoundPlanInput {
  readonly values: ClusterValues;
  /** Steps of an epoch. */
  readonly epochLength: number;
  readonly batchSize: number;
  /** Images of the training splits. */
  readonly images: number;
}

/**
 * Rounds of equal length from `start` to the end of the run:
 *
 *     clusters = max(2, round(images / (f · B))),  f: `batches` of the round, or of the first where clusters stay
 *
 * @returns undefined without rounds
 */
export function roundPlan({ values, epochLength, batchSize, images }: RoundPlanInput): RoundPlan | undefined {
  const { start, epochs, batches, groups, count, refresh } = values;
  if (start === null) return undefined;
  const first = Math.round(start * epochLength);
  const length = Math.max(1, Math.round(epochs * epochLength));
  const roundOf = (number: number): Round => ({
    number,
    from: first + number * length,
    clusters: count ?? Math.max(2, Math.round(images / (ofRound(batches, refresh ? number : 0) * batchSize))),
    groups: ofRound(groups, number),
  });
  return {
    roundAt: (step) => (step < first ? undefined : roundOf(Math.floor((step - first) / length))),
    nextFrom: (step) => (step <= first ? first : first + Math.ceil((step - first) / length) * length),
  };
}

/**
 * Refuses rounds that cannot be filled.
 *
 * @param steps of the run
 * @throws DIPTYCH_ROUND_CLUSTERS, DIPTYCH_ROUND_GROUPS
 */
export function requireRounds(plan: RoundPlan, steps: number, images: number): void {
  for (let step = plan.nextFrom(0); step < steps; step = plan.nextFrom(step + 1)) {
    const { number, clusters, groups } = plan.roundAt(step)!;
    if (clusters > images) throw new DiptychError('DIPTYCH_ROUND_CLUSTERS', { round: number + 1, clusters, images });
    if (groups > clusters) {
      throw new DiptychError('DIPTYCH_ROUND_GROUPS', { round: number + 1, groups, clusters, images });
    }
  }
}

/** The entry of a round; the last holds for all rounds after. */
function ofRound(list: readonly number[], number: number): number {
  return list[Math.min(number, list.length - 1)];
}
