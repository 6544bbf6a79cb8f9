/** @file Stages: which objectives count, with which weights, from which step on. */
import type { Weighted } from '../../methods/objective.ts';

/** A stretch of a run under one sum of objectives. */
export interface Stage {
  /** Unique in the run; names its program. */
  readonly name: string;
  /** First step, from 0. */
  readonly from: number;
  readonly weighted: readonly Weighted[];
}

/** The stage of a step: the last that begins at or before it. Stages ascend by `from`, and the first begins at 0. */
export function stageAt(stages: readonly Stage[], step: number): Stage {
  return stages.findLast(({ from }) => from <= step)!;
}
