/** @file Rate and the share of time spent waiting for data, over the last steps. */

/** Steps that the figures are taken over: enough to be steady, few enough to follow a change. */
const WINDOW = 50;

/** What one step took. */
interface Taken {
  readonly pairs: number;
  /** Seconds until the batch was there. */
  readonly waited: number;
  /** Seconds that the step took. */
  readonly computed: number;
}

export class Meter {
  readonly #steps: Taken[] = [];
  #count = 0;

  add(taken: Taken): void {
    this.#steps[this.#count++ % WINDOW] = taken;
  }

  /** Whether the window is full, so that the figures say something. */
  get steady(): boolean {
    return this.#count >= WINDOW;
  }

  get pairsPerSecond(): number {
    return ratio(this.#sum('pairs'), this.#seconds);
  }

  /** From 0 to 1. */
  get waiting(): number {
    return ratio(this.#sum('waited'), this.#seconds);
  }

  get #seconds(): number {
    return this.#sum('waited') + this.#sum('computed');
  }

  #sum(part: keyof Taken): number {
    return this.#steps.reduce((sum, taken) => sum + taken[part], 0);
  }
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
