/** @file What a run is about to do, as data and as a note for people. */

import type { Dataset } from '../../data/dataset.ts';
import type { Spec } from '../../graph/tensor.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import { type ParameterSpec, parameterCount } from '../../nn/parameters.ts';
import { type MemoryEstimate, requireMemory } from '../memory.ts';
import { stateOf, trainedParameters } from '../program/step.ts';
import type { Plan } from './blueprint.ts';
import type { Lengths } from './lengths.ts';
import { threadsOf } from './machinery.ts';
import type { Materials, Part } from './materials.ts';
import type { ModelFacts } from './model.ts';
import { memoryNeeds } from './needs.ts';
import { storedBytes } from './stored.ts';

export interface PartSummary {
  readonly splits: readonly string[];
  readonly images: number;
  readonly captions: number;
}

export interface RunSummary {
  readonly folder: string;
  readonly preset: string | undefined;
  readonly dataset: string;
  readonly train: PartSummary;
  readonly val: PartSummary;
  readonly values: TrainingValues;
  readonly facts: ModelFacts;
  /** Numbers that are learnt. */
  readonly parameters: { readonly image: number; readonly text: number; readonly objectives: number };
  /** In order, with their first steps. */
  readonly stages: readonly { readonly name: string; readonly from: number }[];
  readonly lengths: Lengths;
  readonly memory: MemoryEstimate;
  readonly threads: number;
}

export interface SummaryInput {
  readonly folder: string;
  readonly preset?: string | undefined;
  readonly dataset: Dataset;
  readonly values: TrainingValues;
  readonly plan: Plan;
  readonly materials: Materials;
  readonly lengths: Lengths;
}

/** @throws DIPTYCH_TRAINING_MEMORY if the run will not fit, DIPTYCH_OPTIMISER_PATTERN */
export function summaryOf({ plan, materials, values, ...given }: SummaryInput): RunSummary {
  const { facts } = materials;
  const state = leavesOf(stateOf(plan.training) as unknown as Tree<Spec>);
  const learnt = trainedParameters(plan.training) as Record<'image' | 'text' | 'objectives', Tree<ParameterSpec>>;
  return {
    folder: given.folder,
    preset: given.preset,
    dataset: given.dataset.name,
    lengths: given.lengths,
    values,
    facts,
    train: partSummary(materials.train, values.data.trainSplits),
    val: partSummary(materials.val, [values.data.valSplit]),
    parameters: {
      image: parameterCount(learnt.image),
      text: parameterCount(learnt.text),
      objectives: parameterCount(learnt.objectives),
    },
    stages: plan.stages.map(({ name, from }) => ({ name, from })),
    memory: requireMemory(
      memoryNeeds(state, values, facts, storedBytes(plan, materials.train)),
      process.availableMemory(),
    ),
    threads: threadsOf(values.machine),
  };
}

function partSummary({ relation }: Part, splits: readonly string[]): PartSummary {
  return { splits, images: relation.imageIds.length, captions: relation.captionIds.length };
}
