/** @file Clustered rounds: what is done where one begins, the batches between two beginnings, and when they end. */
import type { Reached, Score } from '../checkpoint/manifest.ts';
import { clusteredSampler } from '../sampler/clustered.ts';
import type { PartVectors } from '../sampler/clusters/pair-vectors.ts';
import type { Sampler } from '../sampler/sampler.ts';
import type { Clusters } from './cluster.ts';
import { asKept, hasRound, type RoundState, readRound, type Teacher, writeRound } from './file.ts';
import type { Round, RoundPlan } from './plan.ts';

/** What the loop knows of rounds. They are planned by steps; where time is short they begin earlier. */
export interface Rounds {
  /** Planned first step of the round that a step of the plan is in; undefined before the first. */
  startOf(step: number): number | undefined;
  /** First step of the plan at or after the given one at which a round begins. */
  nextFrom(step: number): number;
  /**
   * Begins a round, from the weights that the engine holds at that moment.
   *
   * @param round its planned first step and the one that it begins with
   * @returns numbers worth logging
   */
  begin(round: Reached, signal: AbortSignal): Promise<Record<string, number>>;
  /** Takes up a round that was begun before. */
  resume(round: Reached): Promise<void>;
  /** Whether the rounds no longer help. @param evaluations of the run so far @param starts steps at which rounds began */
  areExhausted(evaluations: readonly Score[], starts: readonly number[]): boolean;
}

export interface ClusteredRoundsOptions {
  readonly plan: RoundPlan;
  /** Folder of the run. */
  readonly folder: string;
  /** Batches until the first round. */
  readonly base: Sampler;
  /** Number of the image of each caption. */
  readonly imageOfCaption: Int32Array;
  readonly seed: number;
  readonly randomShare: number;
  /** Whether each round makes clusters and teacher anew, or takes those of the first. */
  readonly refresh: boolean;
  /** Rounds in a row after which a falling rSum ends the run; 0 for never. */
  readonly patience: number;
  /** Whether vectors of the model are kept, for the guard against false negatives. */
  readonly keepTeacher: boolean;
  /** Vectors of the training set by the weights of the moment, as for inference. */
  readonly encode: (signal: AbortSignal) => Promise<Pick<PartVectors, 'images' | 'captions' | 'dimension'>>;
  readonly cluster: (vectors: PartVectors, round: Round) => Promise<Clusters>;
}

export interface ClusteredRounds extends Rounds {
  /** Batches of the whole run: those of `base`, then those of the round that is under way. */
  readonly sampler: Sampler;
  /** The teacher of the round of a step; undefined before the first. */
  teacherAt(step: number): Teacher | undefined;
}

/** The rounds of a run. Their state is the round that is under way, which lies in the folder of the run too. */
export function clusteredRounds(options: ClusteredRoundsOptions): ClusteredRounds {
  const { plan, folder, base, imageOfCaption, seed, refresh, patience } = options;
  let current: { readonly began: number; readonly state: RoundState; readonly sampler: Sampler } | undefined;

  function take({ planned, step: began }: Reached, state: RoundState): void {
    const { number, groups } = plan.roundAt(planned)!;
    const { randomShare } = options;
    const filling = { assignment: state.assignment, groups, randomShare, imageOfCaption, batchSize: base.batchSize };
    current = { began, state, sampler: clusteredSampler({ ...filling, seed: [seed, number] }) };
  }

  async function made(round: Round, signal: AbortSignal) {
    const encoded = { ...(await options.encode(signal)), imageOfCaption };
    const { assignment, centre, metrics } = await options.cluster(encoded, round);
    const teacher = options.keepTeacher ? asKept({ ...encoded, centre }) : undefined;
    return { state: { assignment, teacher }, metrics: { ...metrics } };
  }

  /** The round under way, which the loop has begun or taken up; undefined for steps before it. */
  function roundOf(step: number) {
    if (!current && plan.roundAt(step)) throw new RangeError(`the round of step ${step} has not begun`);
    return current && current.began <= step ? current : undefined;
  }

  /** The clusters of the first round that was made, where they are those of all. */
  async function kept(before: number): Promise<RoundState | undefined> {
    for (let start = plan.nextFrom(0); start < before; start = plan.nextFrom(start + 1)) {
      if (hasRound(folder, start)) return readRound(folder, start);
    }
    return undefined;
  }

  return {
    startOf: (step) => plan.roundAt(step)?.from,
    nextFrom: (step) => plan.nextFrom(step),

    async begin(begun, signal) {
      const { planned } = begun;
      const round = plan.roundAt(planned)!;
      const old = refresh ? undefined : await kept(planned);
      const { state, metrics } = old ? { state: old, metrics: { round: round.number + 1 } } : await made(round, signal);
      await writeRound(folder, planned, state);
      take(begun, state);
      return metrics;
    },

    async resume(begun) {
      take(begun, await readRound(folder, begun.planned));
    },

    areExhausted(evaluations, starts) {
      if (patience === 0) return false;
      const ends = evaluations.filter(({ step }) => starts.includes(step)).slice(-patience - 1);
      return ends.length > patience && ends.every(({ rsum }, i) => i === 0 || rsum < ends[i - 1].rsum);
    },

    sampler: {
      length: base.length,
      batchSize: base.batchSize,
      batch(epoch, index) {
        const step = epoch * base.length + index;
        const round = roundOf(step);
        if (!round) return base.batch(epoch, index);
        const at = step - round.began;
        return round.sampler.batch(Math.floor(at / round.sampler.length), at % round.sampler.length);
      },
    },

    teacherAt: (step) => roundOf(step)?.state.teacher,
  };
}
