/** @file What the loop is given, and what it gives back. */
import type { Progress } from '../system/progress.ts';
import type { Score } from './checkpoint/manifest.ts';
import type { Engine, NamedTensors } from './engine.ts';
import type { Rounds } from './rounds/rounds.ts';
import type { Run } from './run/run.ts';
import type { Sampler } from './sampler/sampler.ts';
import type { Schedule } from './schedule.ts';

/** How often, and what is kept. All counts are steps unless said. */
export interface LoopOptions {
  /** Evaluates on the validation split, and saves, each time so many steps are done; and at the end. */
  readonly evaluateEvery: number;
  /** Saves without evaluating; 0 for never. */
  readonly saveEvery: number;
  /** Logs the means of so many steps. */
  readonly logEvery: number;
  /** Newest checkpoints kept beside the best, at least 1. */
  readonly keepLast: number;
  /** Stops after so many evaluations without a better rSum; 0 for never. */
  readonly patience: number;
  /** Goes through its plan and ends with an evaluation within so many seconds of training, over all sessions; no limit unless given. */
  readonly seconds?: number | undefined;
  /** Batches made ahead, at least 1. */
  readonly prefetch: number;
  /** Resume from the checkpoint of this step rather than the newest; the later ones are set aside. */
  readonly fromStep?: number | undefined;
}

/** The moment of an evaluation. */
export interface EvaluationMoment {
  /** Steps done. */
  readonly step: number;
  readonly epoch: number;
  /** Aborted when the process is asked to stop; an evaluation may then reject, and is done again on resume. */
  readonly signal: AbortSignal;
}

/** Scores on the validation split; all are logged, `rsum` chooses the best checkpoint. */
export type Scores = { readonly rsum: number } & Readonly<Record<string, number>>;

export interface TrainingTask {
  /** In its initial state, which is a function of configuration and seed. */
  readonly engine: Engine;
  readonly sampler: Sampler;
  /**
   * The tensors of a batch, without what the loop adds (see `Engine.step`). A pure function of its arguments (and of seed and data):
   * it is called ahead of time and again after a resume. `epoch`, `step` and the `stage` of the step are counted from 0.
   */
  makeBatch(indices: Int32Array, epoch: number, step: number, stage: number): Promise<NamedTensors>;
  /**
   * Makes what batches of a stage are read from, by the weights that the engine holds where it begins; and again where a run is resumed
   * inside it. With it no batch of a stage is made before. Rejects when the signal is aborted.
   */
  prepareStage?(stage: number, signal: AbortSignal): Promise<void>;
  /** By the step of the plan, which is ahead of the steps done where time is short. */
  readonly schedule: Schedule;
  /** First steps of the stages, ascending from 0, as planned: where time is short they begin earlier. */
  readonly stageStarts: readonly number[];
  /** Evaluates the state that the engine has now, without changing it. */
  evaluate(moment: EvaluationMoment): Promise<Scores>;
  /** Ids of captions, for messages and dumps; their indices unless given. */
  idsOf?(indices: Int32Array): readonly string[];
  /** What is made anew from the weights every so often; batches after it depend on it. */
  readonly rounds?: Rounds | undefined;
  readonly run: Run;
  readonly options: LoopOptions;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface TrainingResult {
  /** Steps done, over all sessions of the run. */
  readonly steps: number;
  /** Epochs done, with the part of the last one. */
  readonly epochs: number;
  /** Seconds of training, over all sessions as far as their logs tell. */
  readonly seconds: number;
  readonly best: Score | undefined;
  /** Through all steps, by early stopping, with its time used up, or because the process was asked to stop. */
  readonly ended: 'finished' | 'early' | 'time' | 'interrupted';
  /** Exit code for the command: 0, or 130 / 143 when interrupted. */
  readonly exit: number;
}
