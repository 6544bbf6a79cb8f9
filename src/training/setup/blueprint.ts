/** @file Everything that the programs of a run follow from, as plain data, and what it comes to: plan and stages. */
import { compositionOf } from '../../methods/composition.ts';
import type { Embedding } from '../../methods/embedding.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import { objectivesOf, type Stage } from '../../methods/stages.ts';
import type { TrainingPlan } from '../program/step.ts';
import { type ModelFacts, modelOf } from './model.ts';
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
  /** What is evaluated and exported. */
  readonly embedding: Embedding;
  /** Entry of the state that is evaluated and exported. */
  readonly weights: 'params' | 'average';
}

/** What is trained, on what and how. */
export function planOf({ values, facts, epochLength }: Blueprint): Plan {
  const { encoder, embedding } = modelOf(values, facts);
  const { batchSize: pairs } = values.training;
  const stages = compositionOf(values, { encoder, pairs, epochLength, concepts: facts.concepts });
  const { averageDecay } = values.optimiser;
  return {
    stages,
    embedding,
    training: {
      encoder,
      pairs,
      optimiser: optimiserOf(values, encoder),
      averageDecay,
      objectives: objectivesOf(stages),
    },
    weights: averageDecay > 0 ? 'average' : 'params',
  };
}
