/** @file Waiting for several items together, and giving them up together. */
import type { Ticket } from './lane.ts';

/**
 * The results of all items. If one fails, one cannot be queued or the signal aborts, the others are taken out of the queue.
 *
 * @throws what is thrown first; the reason of the signal
 */
export async function settled<Item, Vector>(
  items: readonly Item[],
  submit: (item: Item) => Ticket<Vector>,
  signal: AbortSignal | undefined,
): Promise<Vector[]> {
  signal?.throwIfAborted();
  const tickets: Ticket<Vector>[] = [];
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal?.reason);
  });
  signal?.addEventListener('abort', abort);
  try {
    for (const item of items) tickets.push(submit(item));
    return await Promise.race([aborted, Promise.all(tickets.map(({ vector }) => vector))]);
  } catch (error) {
    for (const { vector, cancel } of tickets) {
      vector.catch(() => {});
      cancel();
    }
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
