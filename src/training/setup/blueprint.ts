/** @file Everything that the programs of a run follow from, as plain data, and what it comes to: plan and stages. */
import type { TrainingValues } from '../../config/training.ts';
import { objectivesOf, type Stage } from '../../methods/stages.ts';
import { vseStages } from '../../methods/vse/stages.ts';
import type { TrainingPlan } from '../program/step.ts';
import { encoderOf, type ModelFacts } from './model.ts';
import { optimiserOf } from './optimiser.ts';

/** Plain data: another thread makes the same programs of it. */
export interface Blueprint {
  readonly values: TrainingValues;
  readonly facts: ModelFacts;
  /** Steps of an epoch: stages are given in epochs. */
  readonly epochLength: number;
}

export interface Plan {
  readonly training: TrainingPlan;
  readonly stages: readonly Stage[];
  /** Entry of the state that is evaluated and exported. */
  readonly weights: 'params' | 'average';
}

/** What is trained, on what and how. */
export function planOf({ values, facts, epochLength }: Blueprint): Plan {
  const stages = vseStages(values.loss, epochLength);
  const { averageDecay } = values.optimiser;
  return {
    stages,
    training: {
      encoder: encoderOf(values, facts),
      pairs: values.training.batchSize,
      optimiser: optimiserOf(values),
      averageDecay,
      objectives: objectivesOf(stages),
    },
    weights: averageDecay > 0 ? 'average' : 'params',
  };
}
