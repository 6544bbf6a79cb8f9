/** @file One load at a time: several models that read their files and warm up together are each slower than in turn. */

export class LoadGate {
  #last: Promise<unknown> = Promise.resolve();

  /** Calls after those before it have ended, well or badly. */
  run<T>(load: () => Promise<T>): Promise<T> {
    const result = this.#last.then(load);
    this.#last = result.catch(() => {});
    return result;
  }
}
