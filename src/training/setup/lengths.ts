/** @file How long a run is and how often it is evaluated: epochs become steps. */
import type { TrainingValues } from '../../methods/schema.ts';

/** In steps. */
export interface Lengths {
  readonly epoch: number;
  readonly run: number;
  readonly evaluateEvery: number;
}

/** @param epoch steps of an epoch */
export function lengthsOf({ training }: Pick<TrainingValues, 'training'>, epoch: number): Lengths {
  const { steps, epochs, evaluateEvery, evaluateUnit } = training;
  const whole = (count: number): number => Math.max(1, Math.round(count));
  return {
    epoch,
    run: steps ?? whole(epochs * epoch),
    evaluateEvery: whole(evaluateEvery * (evaluateUnit === 'epochs' ? epoch : 1)),
  };
}

/** The values of a run that `--extend-to` lengthens, in the unit that its length is given in. */
export function extended(values: TrainingValues): TrainingValues {
  const { training, run } = values;
  if (run.extendTo === null) return values;
  const longer = training.steps === null ? { epochs: run.extendTo } : { steps: Math.round(run.extendTo) };
  return { ...values, training: { ...training, ...longer } };
}
