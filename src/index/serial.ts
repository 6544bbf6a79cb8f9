/** @file One after the other: tasks that must not overlap, in the order in which they were given. */

export class Serial {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs a task after all tasks given before, whether those failed or not. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task);
    this.last = result.catch(() => {});
    return result;
  }
}
