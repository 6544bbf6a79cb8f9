/** @file A lock that is a file, so that other processes and machines see it: who holds it, and whether they still live. */
import { writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { DiptychError } from '../errors/error.ts';
import { isSystemError, unwritable } from '../files/failures.ts';
import { processMark } from './process.ts';

const holderSchema = z.strictObject({ pid: z.int(), host: z.string(), since: z.string(), mark: z.string() });

/** Who holds a lock. */
export type Holder = Readonly<z.infer<typeof holderSchema>>;

/** A lock that is held. */
export interface Lock {
  /** @throws what a refusal throws, if another holder took it over believing this one dead */
  confirm(): Promise<void>;
  release(): Promise<void>;
}

export interface LockOptions {
  /** The error for those who come while another process holds the lock, `file`. */
  readonly refused: (holder: Holder | undefined, file: string) => Error;
  /**
   * Milliseconds of silence after which a holder on another machine counts as dead; holders that set this show that they
   * live twelve times as often. Default never: of another machine nobody can say whether a process lives.
   */
  readonly silence?: number | undefined;
}

/** A holder writes its lock at once after making it; one that stays empty belongs to nobody. */
const MOMENT_MS = 500;

/**
 * Takes a lock, also one whose holder is dead. Lock files are numbered, `NAME.1.json`: the successor of a dead holder takes
 * the next number, which the file system gives to one process only, and then looks again for another living holder. So
 * two processes that find the same dead holder cannot both go on.
 *
 * @param path folder and name of the lock; the folder is made if needed
 * @throws what `refused` makes if a living process holds it; DIPTYCH_FILE_UNWRITABLE
 */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock> {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    mark: processMark(process.pid) ?? '',
  };
  try {
    await makeFolder(dirname(path));
    return held(await acquire(path, `${JSON.stringify(holder)}\n`, options), path, options);
  } catch (cause) {
    throw unwritable(dirname(path), cause);
  }
}

/**
 * Takes the lock of a folder in which a run, or anything else that takes long, is written.
 *
 * @throws DIPTYCH_RUN_LOCKED if a living process holds it, or one of another machine; DIPTYCH_FILE_UNWRITABLE
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const refused = (holder: Holder | undefined, lock: string): Error => {
    const { pid, host, since } = holder ?? { pid: 0, host: 'unknown', since: 'unknown' };
    return new DiptychError('DIPTYCH_RUN_LOCKED', { folder, pid, host, since, lock });
  };
  return acquireLock(join(folder, 'lock'), { refused });
}

/** Who writes in a folder now: the process that holds its lock and lives, or one of another machine. */
export async function livingHolder(folder: string): Promise<Holder | undefined> {
  for (const { file } of await lockFiles(join(folder, 'lock'))) {
    const holder = await readHolder(file);
    if (holder !== undefined && !(await isDead(file, holder))) return holder;
  }
  return undefined;
}

function held(file: string, path: string, { silence, refused }: LockOptions): Lock {
  const beat = (): void => {
    const now = new Date();
    utimes(file, now, now).catch(() => {});
  };
  const heart = silence === undefined ? undefined : setInterval(beat, silence / 12).unref();
  return {
    async confirm() {
      if (await stat(file).catch(() => undefined)) return;
      const [other] = await lockFiles(path);
      throw refused(other === undefined ? undefined : await readHolder(other.file), file);
    },
    async release() {
      clearInterval(heart);
      await rm(file, { force: true });
    },
  };
}

/** One level first: for a disk that cannot be written, a recursive `mkdir` reports a missing folder (ENOENT). */
async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder).catch((error: unknown) => {
    if (!isSystemError(error) || (error.code !== 'EEXIST' && error.code !== 'ENOENT')) throw error;
    return mkdir(folder, { recursive: true });
  });
}

/** Returns the file that is the lock. */
async function acquire(path: string, content: string, options: LockOptions): Promise<string> {
  for (;;) {
    const files = await lockFiles(path);
    await refuseLiving(files, options);
    const file = `${path}.${Math.max(0, ...files.map(({ number }) => number)) + 1}.json`;
    if (!(await created(file, content))) continue;
    const others = (await lockFiles(path)).filter((other) => other.file !== file);
    try {
      await refuseLiving(others, options);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
    for (const other of others) await rm(other.file, { force: true });
    return file;
  }
}

interface LockFile {
  readonly file: string;
  readonly number: number;
}

async function lockFiles(path: string): Promise<LockFile[]> {
  const name = `${basename(path)}.`;
  return (await readdir(dirname(path))).flatMap((entry) => {
    const number = entry.startsWith(name) ? /^(\d+)\.json$/.exec(entry.slice(name.length))?.[1] : undefined;
    return number === undefined ? [] : [{ file: join(dirname(path), entry), number: Number(number) }];
  });
}

async function refuseLiving(files: readonly LockFile[], { refused, silence }: LockOptions): Promise<void> {
  for (const { file } of files) {
    const holder = await readHolder(file);
    if (holder !== undefined && !(await isDead(file, holder, silence))) throw refused(holder, file);
  }
}

/** Undefined for a lock that is gone meanwhile, or that no version of ours has written. */
async function readHolder(file: string): Promise<Holder | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  if (text !== '') return parseHolder(text);
  await wait(MOMENT_MS);
  return parseHolder(await readFile(file, 'utf8').catch(() => ''));
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function isDead(file: string, { pid, host, mark }: Holder, silence = Infinity): Promise<boolean> {
  if (host !== hostname()) {
    const beat = await stat(file).catch(() => undefined);
    return beat !== undefined && Date.now() - beat.mtimeMs > silence;
  }
  const found = processMark(pid);
  return found === undefined || (mark !== '' && found !== '' && found !== mark);
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
