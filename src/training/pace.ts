/** @file Time as the end of a run: when it is used up, and how the schedule keeps up with it. */
import type { Schedule } from './schedule.ts';

/** How many seconds a run may take, if that is limited, and how many it has taken until now. */
export interface Time {
  readonly limit: number | undefined;
  used(): number;
}

/** Whether no time is left. */
export function isOver({ limit, used }: Time): boolean {
  return limit !== undefined && used() >= limit;
}

/**
 * A schedule that ends with the run, whichever ends it, its steps or its time. With t of T seconds used, step s of n has
 * the learning rate of step
 *
 *   max(s, floor(n t / T))
 *
 * A run that is quick enough for its time has its own schedule, unchanged. One that is not goes through the whole of it
 * faster: cut off in the middle it would be judged by weights that never saw a small learning rate, which says more about
 * the machine than about the method. No rate has to be estimated beforehand, which a busy machine would falsify.
 *
 * @param steps n, the length of the run
 */
export function pacedSchedule(schedule: Schedule, steps: number, { limit, used }: Time): Schedule {
  if (limit === undefined) return schedule;
  return (step) => schedule(Math.max(step, Math.min(steps - 1, Math.floor((steps * used()) / limit))));
}
