/** @file Where a run stands, as plain data, and how each event moves it on. All of it is in the checkpoint. */
import type { Position, Reached, Score } from './checkpoint/manifest.ts';

/** Before the first step. */
export const beginning: Position = {
  step: 0,
  epoch: 0,
  index: 0,
  best: null,
  evaluations: [],
  pending: { steps: 0, sums: {} },
};

/** Where the sampler stands. */
export type Place = Pick<Position, 'step' | 'epoch' | 'index'>;

/** The place one step on. */
export function nextPlace({ step, epoch, index }: Place, epochLength: number): Place {
  const last = index + 1 === epochLength;
  return { step: step + 1, epoch: last ? epoch + 1 : epoch, index: last ? 0 : index + 1 };
}

/** After a step with these metrics. */
export function afterStep(
  position: Position,
  epochLength: number,
  metrics: Readonly<Record<string, number>>,
): Position {
  const { pending } = position;
  const sums = Object.fromEntries(Object.entries(metrics).map(([name, x]) => [name, (pending.sums[name] ?? 0) + x]));
  return { ...position, ...nextPlace(position, epochLength), pending: { steps: pending.steps + 1, sums } };
}

/** After time has brought parts of the plan forward. */
export function afterReaching(position: Position, early: readonly Reached[]): Position {
  return early.length === 0 ? position : { ...position, reached: [...(position.reached ?? []), ...early] };
}

/** Epoch of the last step done: at the end of an epoch the sampler stands in the next one already. */
export function epochDone({ epoch, index }: Place): number {
  return index === 0 && epoch > 0 ? epoch - 1 : epoch;
}

/** Means of the metrics over the steps since the last log line. */
export function meansOf({ pending }: Position): Record<string, number> {
  return Object.fromEntries(Object.entries(pending.sums).map(([name, sum]) => [name, sum / pending.steps]));
}

/** After these means were logged. */
export function afterLog(position: Position): Position {
  return { ...position, pending: beginning.pending };
}

/** After an evaluation. Of equal scores the first stays the best. */
export function afterEvaluation(position: Position, rsum: number): Position {
  const score: Score = { step: position.step, rsum };
  const best = position.best === null || rsum > position.best.rsum ? score : position.best;
  return { ...position, best, evaluations: [...position.evaluations, score] };
}

/** Whether this moment was evaluated. */
export function isEvaluated({ step, evaluations }: Position): boolean {
  return evaluations.at(-1)?.step === step;
}

/** Whether the last `patience` evaluations brought no better score; never for patience 0. */
export function isExhausted({ best, evaluations }: Position, patience: number): boolean {
  if (patience === 0 || best === null) return false;
  return evaluations.filter(({ step }) => step > best.step).length >= patience;
}
