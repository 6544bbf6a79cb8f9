/** @file What each objective of a run contributed, as far as its log tells. */
import type { Moment } from '../comparison/logs.ts';

/** The loss of one objective while it was trained, before its weight. */
export interface ObjectiveCurve {
  readonly name: string;
  readonly points: readonly (readonly [step: number, loss: number])[];
  /** First and last value, and the share of the fall in all objectives that it made; null where nothing fell. */
  readonly first: number;
  readonly last: number;
  readonly share: number | null;
}

/** Metrics that are the loss of one objective of several end in this. */
const ENDING = '.loss';

/** Each objective's loss; the whole loss where there is one objective. Empty before the first line of the log. */
export function objectiveCurves(training: readonly Moment[]): ObjectiveCurve[] {
  const names = [...new Set(training.flatMap((moment) => Object.keys(moment)))].filter((name) => name.endsWith(ENDING));
  const curves = (names.length === 0 ? ['loss'] : names).flatMap((name) => {
    const points = training.flatMap((moment) => (name in moment ? [[moment.step, moment[name]] as const] : []));
    if (points.length === 0) return [];
    const [first, last] = [points[0][1], points[points.length - 1][1]];
    return [{ name: name === 'loss' ? name : name.slice(0, -ENDING.length), points, first, last }];
  });
  const fallen = curves.reduce((sum, { first, last }) => sum + Math.max(0, first - last), 0);
  return curves.map((curve) => ({
    ...curve,
    share: fallen === 0 ? null : Math.max(0, curve.first - curve.last) / fallen,
  }));
}
