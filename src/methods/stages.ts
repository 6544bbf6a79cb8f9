/** @file Stages: which objectives count, with which weights, from which step on. */
import type { Objective, Weighted } from './objective.ts';

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

/** All objectives of some stages, each name once. */
export function objectivesOf(stages: readonly Stage[]): Objective[] {
  const byName = new Map<string, Objective>();
  for (const { weighted } of stages) for (const { objective } of weighted) byName.set(objective.name, objective);
  return [...byName.values()];
}
