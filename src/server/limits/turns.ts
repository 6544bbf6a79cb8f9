/**
 * @file The event loop shared out among answers. A batch of the model gives its vectors all at once: were all of them searched
 * for and answered right then, nothing else of the process would go on until the last. One at a time costs as much in
 * smaller batches; so answers follow one another for a few milliseconds, and the rest come after whatever else waits.
 */

/** Milliseconds of answers before other work of the process gets its turn. */
const TURN_MS = 5;

export class Turns {
  readonly #turnMs: number;
  readonly #waiting: (() => void)[] = [];
  /** When the first answer of this turn of the loop began. */
  #since: number | undefined;
  #going = false;

  constructor(turnMs = TURN_MS) {
    this.#turnMs = turnMs;
  }

  /** Waits until it is the caller's turn: at once unless others are before it, or this turn of the loop is used up. */
  take(): Promise<void> {
    const turn = new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (!this.#going) {
      this.#going = true;
      this.#next();
    }
    return turn;
  }

  #next(): void {
    this.#since ??= this.#begin();
    if (performance.now() - this.#since >= this.#turnMs) return;
    const enter = this.#waiting.shift();
    if (enter === undefined) {
      this.#going = false;
      return;
    }
    enter();
    // A tick asked for among promises comes after all that follows from them: when the answer is out, or waits for something.
    queueMicrotask(() => process.nextTick(() => this.#next()));
  }

  #begin(): number {
    setImmediate(() => {
      this.#since = undefined;
      if (this.#going) this.#next();
    });
    return performance.now();
  }
}
