/** @file The state of a run before its first step. */
import { beginCopies } from '../../methods/copies.ts';
import { initialise } from '../../nn/parameters.ts';
import type { NamedTensors } from '../engine.ts';
import { stateOf, type TrainingPlan } from '../program/step.ts';

/**
 * First values of parameters, moments, buffers, memory and averages: a function of plan, seed and what is given. Averages and momentum
 * copies begin as copies of their weights.
 */
export function initialState(plan: TrainingPlan, seed: number, given: NamedTensors = new Map()): NamedTensors {
  const state = new Map([...initialise(stateOf(plan), seed), ...given]);
  const copied = [...state].map(([path, tensor]) => {
    if (!path.startsWith('average.')) return [path, tensor] as const;
    const weights = state.get(`params.${path.slice('average.'.length)}`)!;
    return [path, { ...weights, data: weights.data.slice() }] as const;
  });
  const begun = new Map(copied);
  for (const objective of plan.objectives) beginCopies(begun, objective);
  return begun;
}
