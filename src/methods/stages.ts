/** @file Stages: which objectives count, with which weights, which parameters they move, and from which step on. */
import type { Objective, Weighted } from './objective.ts';

/** A stretch of a run under one sum of objectives. */
export interface Stage {
  /** Unique in the run; names its program. */
  readonly name: string;
  /** First step, from 0. */
  readonly from: number;
  readonly weighted: readonly Weighted[];
  /** Dotted names of parameters that stand still in it, moments and all; `*` stands for any text. None unless given. */
  readonly frozen?: readonly string[];
  /** Sides that are fed vectors of their frozen parts, computed once where the stage begins (`encoders/stored.ts`). None unless given. */
  readonly stored?: readonly ('image' | 'text')[];
  /** Times the learning rate of the schedule; 1 unless given. */
  readonly learningRate?: number;
  /** Further factors for the parameters that a pattern matches, such as the layers of a pretrained tower. None unless given. */
  readonly factors?: readonly StageFactor[];
}

/** How much slower or faster some parameters learn in a stage. */
export interface StageFactor {
  /** Dotted name; `*` stands for any text. */
  readonly pattern: string;
  readonly factor: number;
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

/** One objective from the first step to the last. */
export function throughout(objective: Objective): Stage[] {
  return [{ name: objective.name, from: 0, weighted: [{ objective, weight: 1 }] }];
}

/**
 * Several lists of stages as one: a stage begins wherever one of theirs does. Weights are those of the stages times that of their
 * list; what one freezes is frozen, and factors on the learning rate multiply. Vectors are stored where all of them read no more.
 */
export function overlaid(parts: readonly { readonly stages: readonly Stage[]; readonly weight: number }[]): Stage[] {
  const starts = [...new Set(parts.flatMap(({ stages }) => stages.map(({ from }) => from)))].sort((a, b) => a - b);
  return starts.map((from) => {
    const current = parts.map(({ stages, weight }) => ({ stage: stageAt(stages, from), weight }));
    const frozen = current.flatMap(({ stage }) => stage.frozen ?? []);
    const factors = current.flatMap(({ stage }) => stage.factors ?? []);
    const stored = (['image', 'text'] as const).filter((side) =>
      current.every(({ stage }) => stage.stored?.includes(side)),
    );
    return {
      name: current.map(({ stage }) => stage.name).join('+'),
      from,
      weighted: current.flatMap(({ stage, weight: factor }) =>
        stage.weighted.map(({ objective, weight }) => ({ objective, weight: weight * factor })),
      ),
      ...(frozen.length > 0 && { frozen }),
      ...(factors.length > 0 && { factors }),
      ...(stored.length > 0 && { stored }),
      learningRate: current.reduce((product, { stage }) => product * (stage.learningRate ?? 1), 1),
    };
  });
}
