/** @file How fast long work goes, and how long it still takes. */

/** Rates are measured over this many of the last seconds, so that a slow start or a resumed run does not mislead. */
const WINDOW_SECONDS = 30;

export interface Pace {
  /** Units a second; undefined until there are two different moments. */
  readonly rate: number | undefined;
  readonly secondsLeft: number | undefined;
  /** Seconds since the first report. */
  readonly seconds: number;
}

/** Measures from reports. Work that begins at a count above zero (resumed) is measured from there. */
export class PaceMeter {
  readonly #now: () => number;
  #samples: { at: number; done: number }[] = [];
  #start: { at: number; done: number } | undefined;

  /** @param now seconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes a report and gives the pace of the last seconds. A count that falls belongs to other work, and begins anew. */
  measure(done: number, total: number | undefined): Pace {
    const sample = { at: this.#now(), done };
    if (done < (this.#samples.at(-1)?.done ?? 0)) {
      this.#samples = [];
      this.#start = undefined;
    }
    this.#start ??= sample;
    this.#samples.push(sample);
    while (this.#samples.length > 2 && this.#samples[1].at <= sample.at - WINDOW_SECONDS) this.#samples.shift();
    const rate = rateBetween(this.#samples[0], sample);
    const secondsLeft = rate && total !== undefined ? Math.max(0, total - done) / rate : undefined;
    return { rate, secondsLeft, seconds: sample.at - this.#start.at };
  }

  /** The pace of the whole work so far. */
  overall(done: number): Pace {
    const sample = { at: this.#now(), done };
    const start = this.#start ?? sample;
    return { rate: rateBetween(start, sample), secondsLeft: undefined, seconds: sample.at - start.at };
  }
}

function rateBetween(from: { at: number; done: number }, to: { at: number; done: number }): number | undefined {
  return to.at > from.at ? (to.done - from.done) / (to.at - from.at) : undefined;
}

/** Seconds of the monotonic clock. */
export function clock(): number {
  return performance.now() / 1000;
}
