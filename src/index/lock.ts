/** @file The lock of whoever writes a store, or encodes a partition. */
import { dirname, join } from 'node:path';
import { DiptychError } from '../errors/error.ts';
import * as system from '../system/lock.ts';

/** Stores may lie on disks that machines share: after so long without a sign of life a holder elsewhere counts as dead. */
const SILENCE_MS = 120_000;

export type { Lock } from '../system/lock.ts';

/** Opens a store as its writer: with its lock, which is given back if that fails. @throws DIPTYCH_INDEX_LOCKED */
export async function locked<S>(folder: string, open: (lock: system.Lock) => Promise<S>): Promise<S> {
  const lock = await acquireLock(join(folder, 'lock'));
  try {
    return await open(lock);
  } catch (cause) {
    await lock.release();
    throw cause;
  }
}

/**
 * Takes a lock, also one whose holder is dead.
 *
 * @param path folder and name of the lock; the folder is made if needed
 * @throws DIPTYCH_INDEX_LOCKED naming the holder, DIPTYCH_FILE_UNWRITABLE
 */
export async function acquireLock(path: string): Promise<system.Lock> {
  const refused = (holder: system.Holder | undefined): Error => {
    const name =
      holder === undefined ? 'an unknown process' : `process ${holder.pid} on ${holder.host} since ${holder.since}`;
    return new DiptychError('DIPTYCH_INDEX_LOCKED', { path: dirname(path), holder: name });
  };
  return system.acquireLock(path, { refused, silence: SILENCE_MS });
}
