/** @file Makes the batches to come while the engine computes. */

/** The items of a sequence, made ahead of time. */
export interface Prefetched<T> {
  /** The next item, in order; rejects if making it failed. */
  next(): Promise<T>;
  /** Starts making items until enough are under way. Called when the process has time for it. */
  fill(): void;
}

/**
 * @param from position of the first item
 * @param to position after the last one
 * @param depth items that may be made or wait at a time, at least 1
 * @param make the item of a position; called in order
 */
export function prefetch<T>(
  from: number,
  to: number,
  depth: number,
  make: (position: number) => Promise<T>,
): Prefetched<T> {
  const waiting: Promise<T>[] = [];
  let position = from;

  function fill(): void {
    while (waiting.length < depth && position < to) {
      const at = position++;
      const item = (async () => make(at))();
      // A failure is told to whoever takes the item, not to the process, which would end at once.
      item.catch(() => {});
      waiting.push(item);
    }
  }

  return {
    fill,
    next() {
      if (waiting.length === 0) fill();
      const item = waiting.shift();
      if (!item) throw new RangeError(`no item after ${to - 1}`);
      return item;
    },
  };
}
