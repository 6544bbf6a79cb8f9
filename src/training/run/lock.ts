/** @file A lock on a run folder: one process writes there. The lock of a process that died is taken over. */
import { writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import { isSystemError, unwritable } from '../../files/failures.ts';
import { processMark } from './process.ts';

/** A held lock. */
export interface Lock {
  release(): Promise<void>;
}

const holderSchema = z.strictObject({ pid: z.int(), host: z.string(), since: z.string(), mark: z.string() });
export type Holder = z.infer<typeof holderSchema>;

const NAME = /^lock\.(\d+)\.json$/;

/**
 * Takes the lock of a folder, which is made if needed. Lock files are numbered: the successor of a dead holder takes the
 * next number, which the file system gives to one process only, and then looks again for another living holder. So two
 * processes that find the same dead holder cannot both go on.
 *
 * @throws DIPTYCH_RUN_LOCKED if a living process holds it, or one of another machine; DIPTYCH_FILE_UNWRITABLE
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    mark: processMark(process.pid) ?? '',
  };
  try {
    await makeFolder(folder);
    return await acquire(folder, `${JSON.stringify(holder)}\n`);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

/** One level first: for a disk that cannot be written, a recursive `mkdir` reports a missing folder (ENOENT). */
async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder).catch((error: unknown) => {
    if (!isSystemError(error) || (error.code !== 'EEXIST' && error.code !== 'ENOENT')) throw error;
    return mkdir(folder, { recursive: true });
  });
}

async function acquire(folder: string, content: string): Promise<Lock> {
  for (;;) {
    const numbers = await lockNumbers(folder);
    await refuseLiving(folder, numbers);
    const number = Math.max(0, ...numbers) + 1;
    const path = lockPath(folder, number);
    if (!(await created(path, content))) continue;
    const others = (await lockNumbers(folder)).filter((other) => other !== number);
    try {
      await refuseLiving(folder, others);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    for (const other of others) await rm(lockPath(folder, other), { force: true });
    return { release: () => rm(path, { force: true }) };
  }
}

/** Who writes in a folder now: the process that holds its lock and lives, or one of another machine. */
export async function livingHolder(folder: string): Promise<Holder | undefined> {
  for (const number of await lockNumbers(folder)) {
    const holder = await readHolder(lockPath(folder, number));
    if (holder && !isDead(holder)) return holder;
  }
  return undefined;
}

async function refuseLiving(folder: string, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    const lock = lockPath(folder, number);
    const holder = await readHolder(lock);
    if (!holder || isDead(holder)) continue;
    const { pid, host, since } = holder;
    throw new DiptychError('DIPTYCH_RUN_LOCKED', { folder, pid, host, since, lock });
  }
}

/** A holder writes its lock at once after making it; one that stays empty belongs to nobody. */
const MOMENT = 500;

/** Undefined for a lock that is gone meanwhile, or that no version of ours has written. */
async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  if (text !== '') return parseHolder(text);
  await setTimeout(MOMENT);
  return parseHolder(await readFile(path, 'utf8').catch(() => ''));
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Only of its own machine can one say that a process is dead. */
function isDead({ pid, host, mark }: Holder): boolean {
  if (host !== hostname()) return false;
  const found = processMark(pid);
  return found === undefined || (mark !== '' && found !== '' && found !== mark);
}

async function lockNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => NAME.exec(name)?.slice(1).map(Number) ?? []);
}

function lockPath(folder: string, number: number): string {
  return join(folder, `lock.${number}.json`);
}

/** Makes a file that is not there yet. */
async function created(path: string, content: string): Promise<boolean> {
  try {
    // Without a pause between making and filling it, so that others hardly ever see it empty.
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false;
    await rm(path, { force: true });
    throw error;
  }
}
