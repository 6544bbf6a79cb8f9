/** @file A queue between stages that run side by side: whoever is ahead waits. */

export class Queue<T> {
  private readonly limit: number;
  private readonly items: T[] = [];
  private ended = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: (() => void)[] = [];

  /** @param limit items that may wait in it */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Adds an item once there is room. @throws what the queue was failed with */
  async push(item: T): Promise<void> {
    while (this.items.length >= this.limit && this.failure === undefined) await this.change();
    if (this.failure !== undefined) throw this.failure.error;
    this.items.push(item);
    this.changed();
  }

  /** The next item; undefined when no more will come. @throws what the queue was failed with */
  async next(): Promise<T | undefined> {
    while (this.items.length === 0 && !this.ended && this.failure === undefined) await this.change();
    if (this.failure !== undefined) throw this.failure.error;
    const item = this.items.shift();
    this.changed();
    return item;
  }

  /** Says that no more items will come. */
  end(): void {
    this.ended = true;
    this.changed();
  }

  /** Lets both sides fail, as neither can go on without the other. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.changed();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake.push(resolve);
    });
  }

  private changed(): void {
    const wake = this.wake;
    this.wake = [];
    for (const one of wake) one();
  }
}
