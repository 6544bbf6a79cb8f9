/** @file Learning rates as pure functions of the step: constant, step-wise and cosine, each with a linear warm-up. */

/** Shape of the learning rate. Steps are counted from 0. */
export type ScheduleOptions = {
  /** The highest learning rate. */
  readonly peak: number;
  /** Steps over which it rises linearly to the peak; 0 for none. */
  readonly warmup: number;
  /** Steps at which it begins anew, ascending; each part is then as a run of its own. None unless given. */
  readonly restarts?: readonly number[] | undefined;
} & (
  | { readonly kind: 'constant' }
  /** Times `gamma` from each milestone (a step) on. */
  | { readonly kind: 'step'; readonly milestones: readonly number[]; readonly gamma: number }
  /** From the peak, reached at the end of the warm-up, to `floor` at the end of the run. */
  | { readonly kind: 'cosine'; readonly floor: number }
);

/** Learning rate of a step. */
export type Schedule = (step: number) => number;

/** How long a run is, as known from a step on: a run that was lengthened has several. */
export interface Stretch {
  readonly from: number;
  readonly steps: number;
}

/**
 * The learning rate of every step of a run.
 *
 * Warm-up over `w` steps: `peak (s + 1) / w` for `s < w`. Cosine over a run of `n` steps after it (Loshchilov and Hutter
 * 2017, eq. 5, without restarts): `floor + (peak - floor) (1 + cos(pi (s - w) / (n - w))) / 2`.
 *
 * With restarts, s and n are counted from the last of them, and n ends at the next; milestones are too.
 *
 * @param lengths of the run, ascending by `from`; a step follows the last stretch that begins at or before it. So the
 *   rates of steps before an extension are unchanged by it
 */
export function scheduleOf(options: ScheduleOptions, lengths: readonly Stretch[]): Schedule {
  const restarts = options.restarts ?? [];
  return function learningRate(step) {
    const from = restarts.findLast((start) => start <= step) ?? 0;
    const end = restarts.find((start) => start > step) ?? lengthAt(lengths, step);
    const at = step - from;
    const warming = at < options.warmup ? (at + 1) / options.warmup : 1;
    return warming * afterWarmup(options, at, Math.min(end, lengthAt(lengths, step)) - from);
  };
}

/** Length of the run as known at a step. */
export function lengthAt(lengths: readonly Stretch[], step: number): number {
  return (lengths.findLast(({ from }) => from <= step) ?? lengths[0]).steps;
}

function afterWarmup(options: ScheduleOptions, step: number, length: number): number {
  switch (options.kind) {
    case 'constant':
      return options.peak;
    case 'step':
      return options.peak * options.gamma ** options.milestones.filter((milestone) => milestone <= step).length;
    case 'cosine': {
      const { peak, floor, warmup } = options;
      const share = Math.min(1, Math.max(0, step - warmup) / Math.max(1, length - warmup));
      return floor + ((peak - floor) * (1 + Math.cos(Math.PI * share))) / 2;
    }
  }
}
