/** @file A lock that is a file, so that other processes and machines see it: who holds it, and whether they still live. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { DiptychError } from '../errors/error.ts';
import { isSystemError, unwritable } from '../files/failures.ts';

/** How often a holder shows that it lives, and after how long without that a holder on another machine counts as dead. */
const HEARTBEAT_MS = 10_000;
const SILENCE_MS = 120_000;
/** Taking over a dead holder's lock takes microseconds; one that was killed meanwhile left its mark behind. */
const TAKEOVER_MS = 5_000;

const holderSchema = z.object({
  pid: z.number(),
  host: z.string(),
  since: z.string(),
  /** When the process started, in the clock ticks of the system: a number used again for another process differs. */
  started: z.string(),
  token: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

/** A lock that is held. */
export interface Lock {
  /** @throws DIPTYCH_INDEX_LOCKED if another holder took it over, believing this one dead */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes a lock, also one whose holder is dead.
 *
 * @param path of the lock file; its folder is made if needed
 * @throws DIPTYCH_INDEX_LOCKED naming the holder, DIPTYCH_FILE_UNWRITABLE
 */
export async function acquireLock(path: string): Promise<Lock> {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    started: await startOf(process.pid),
    token: randomUUID(),
  };
  await mkdir(dirname(path), { recursive: true }).catch((cause) => Promise.reject(unwritable(path, cause)));
  for (let attempt = 0; !(await createFile(path, holder)); attempt++) {
    const current = await readHolder(path);
    if (current !== undefined && (await isAlive(path, current))) throw locked(path, current);
    if (attempt === 20) throw locked(path, current);
    await removeDead(path, current?.token);
    if (attempt > 0) await wait(10 * attempt);
  }
  const heart = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  heart.unref();
  const confirm = async (): Promise<void> => {
    const current = await readHolder(path);
    if (current?.token !== holder.token) throw locked(path, current);
  };
  return {
    confirm,
    async release() {
      clearInterval(heart);
      if ((await readHolder(path))?.token === holder.token) await rm(path, { force: true });
    },
  };
}

function locked(path: string, holder: Holder | undefined): DiptychError {
  const name =
    holder === undefined ? 'an unknown process' : `process ${holder.pid} on ${holder.host} since ${holder.since}`;
  return new DiptychError('DIPTYCH_INDEX_LOCKED', { path: dirname(path), holder: name });
}

/** Whether the file could be created; false if it is there already. */
async function createFile(path: string, holder: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(JSON.stringify(holder));
    } finally {
      await file.close();
    }
    return true;
  } catch (cause) {
    if (isSystemError(cause) && cause.code === 'EEXIST') return false;
    throw unwritable(path, cause);
  }
}

/** Who holds the lock; undefined if nobody does, or if whoever made the file died before writing its name. */
async function readHolder(path: string): Promise<Holder | undefined> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return holderSchema.parse(JSON.parse(text));
    } catch {
      await wait(20); // A holder between creating and writing the file needs a moment.
    }
  }
  return undefined;
}

async function isAlive(path: string, holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) {
    const beat = await stat(path).catch(() => undefined);
    return beat !== undefined && Date.now() - beat.mtimeMs < SILENCE_MS;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (cause) {
    if (isSystemError(cause) && cause.code === 'ESRCH') return false;
  }
  return (await startOf(holder.pid)) === holder.started;
}

/** The start time of a running process where the system tells it (Linux), else nothing. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Fields from the third on: those before may contain spaces and parentheses, the third is the state.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ended = fields[0] === 'Z' || fields[0] === 'X';
  return ended ? 'ended' : (fields[19] ?? '');
}

/**
 * Removes a dead holder's lock. Two processes may find it dead at the same moment: whichever makes the mark looks
 * again and removes it, so that the lock that the first of them takes is not removed by the second.
 */
async function removeDead(path: string, token: string | undefined): Promise<void> {
  const mark = `${path}.takeover`;
  try {
    await mkdir(mark);
  } catch {
    const made = await stat(mark).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > TAKEOVER_MS) await rmdir(mark).catch(() => {});
    return;
  }
  try {
    if ((await readHolder(path))?.token === token) await rm(path, { force: true });
  } finally {
    await rmdir(mark).catch(() => {});
  }
}
