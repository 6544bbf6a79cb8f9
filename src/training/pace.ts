/** @file Time as the end of a run: when it is used up, and how the plan of the run keeps up with it. */
import type { Position, Reached } from './checkpoint/manifest.ts';
import type { Rounds } from './rounds/rounds.ts';

/** How many seconds a run may take, if that is limited, and how many it has taken until now. */
export interface Time {
  readonly limit: number | undefined;
  used(): number;
}

/** Whether no time is left. */
export function isOver({ limit, used }: Time): boolean {
  return limit !== undefined && used() >= limit;
}

/** What of a position says where in its plan a run is. */
type Course = Pick<Position, 'step' | 'reached'>;

/**
 * The step of the plan that a run is at. Learning rates, stages and rounds are planned by steps for a run of its whole length n. With t
 * of T seconds used, step s is at
 *
 *     max(s, floor(n t / T))
 *
 * A run that is quick enough for its time follows its plan, unchanged. One that is not goes through the whole of it faster: cut off in
 * the middle it would be judged by weights that never saw a small learning rate or a later stage, which says more about the machine than
 * about the method. No rate has to be estimated beforehand, which a busy machine would falsify.
 *
 * @param steps n
 */
export function plannedStep(course: Course, steps: number, { limit, used }: Time): number {
  const reached = reachedStep(course);
  if (limit === undefined) return reached;
  return Math.max(reached, Math.min(steps - 1, Math.floor((steps * used()) / limit)));
}

/** How far a run is in its plan by its steps, and by what was reached early. */
export function reachedStep({ step, reached = [] }: Course): number {
  return Math.max(step, reached.at(-1)?.planned ?? 0);
}

/** The step at which began what was planned for a step; the planned one itself where it lies ahead. */
export function beganAt({ reached = [] }: Course, planned: number): number {
  return reached.find((early) => early.planned === planned)?.step ?? planned;
}

/** The stage of the next step, counted from 0. @param starts first steps of the stages, as planned */
export function stageOf(course: Course, starts: readonly number[]): number {
  return starts.findLastIndex((planned) => beganAt(course, planned) <= course.step);
}

/** Where the parts of a plan begin. */
export interface Milestones {
  /** First steps of the stages, as planned. */
  readonly stageStarts: readonly number[];
  readonly rounds?: Pick<Rounds, 'nextFrom'> | undefined;
}

/**
 * What time brings forward to this step: stages and rounds that were planned for later steps, up to the given one of the plan.
 *
 * @param planned from `plannedStep`
 */
export function broughtForward(course: Course, planned: number, milestones: Milestones): Reached[] {
  const after = reachedStep(course);
  const starts = new Set([
    ...milestones.stageStarts.filter((start) => start > after && start <= planned),
    ...roundStarts(milestones, after + 1, planned),
  ]);
  return [...starts].sort((a, b) => a - b).map((start) => ({ planned: start, step: course.step }));
}

/** Steps at which rounds began, up to now. */
export function roundsBegan(course: Course, milestones: Milestones): number[] {
  return roundStarts(milestones, 0, reachedStep(course)).map((planned) => beganAt(course, planned));
}

/** Planned starts of rounds from one step to another, both included. */
function roundStarts({ rounds }: Milestones, from: number, to: number): number[] {
  const starts: number[] = [];
  if (!rounds) return starts;
  for (let start = rounds.nextFrom(from); start <= to; start = rounds.nextFrom(start + 1)) starts.push(start);
  return starts;
}
