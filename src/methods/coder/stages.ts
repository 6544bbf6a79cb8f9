/** @file CODER as stages: one from the first step to the last, in which the graph network may learn at a rate of its own. */
import { type Stage, throughout } from '../stages.ts';
import { coderName, coderObjective } from './objective.ts';
import { type CoderContext, type CoderValues, coderOptionsOf } from './options.ts';

/** @throws DIPTYCH_QUEUE_LENGTH */
export function coderStages(values: CoderValues, context: CoderContext): Stage[] {
  const stages = throughout(coderObjective(coderOptionsOf(values, context)));
  const { branch, graphRate } = values.concepts;
  if (!branch || graphRate === 1) return stages;
  const factors = [{ pattern: `objectives.${coderName}.concept.graph.*`, factor: graphRate }];
  return stages.map((stage) => ({ ...stage, factors }));
}
