/**
 * @file Reader, encoder and writer side by side: tasks are put into partitions on disk, encoded, and stored. Whatever
 * is finished when the process dies is taken over by the next.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDiptychError } from '../errors/error.ts';
import type { Encoder } from './encoder.ts';
import { type Index, versionFolder, versionsIn } from './index-folder.ts';
import {
  encodePartition,
  type Failure,
  isDone,
  type Job,
  jobsIn,
  partitionsIn,
  readResults,
  removePartition,
  startJob,
  type Task,
  writePartition,
} from './partitions.ts';
import { Queue } from './queue.ts';
import type { Row, Store } from './store.ts';

/** Partitions that may wait for the encoder, here or in other processes. */
const AHEAD = 32;
/** Partitions that are encoded at once: while the last pictures of one are, the encoder has those of the next. */
const AT_ONCE = 2;
/** Between writes to the store, at least so many times what one takes: they then cost at most 2 % of the time. */
const STORE_SHARE = 50;
/** How often to look whether a partition that another process encodes is finished. */
const LOOK_MS = 200;

export interface Pipeline {
  readonly index: Index;
  readonly encoder: Encoder;
  /** Tasks of a partition. */
  readonly partition: number;
  /** Stops after the partitions that are being encoded. */
  readonly signal: AbortSignal | undefined;
  /** Called with what was stored. */
  readonly stored: (rows: readonly Row[]) => void;
  /** Called with what could not be encoded or stored. */
  readonly failed: (failures: readonly Failure[]) => void;
  /** Called with the milliseconds that the encoder had nothing to do, because the reader was behind. */
  readonly waited: (milliseconds: number) => void;
}

function workFolder(index: Pick<Index, 'folder' | 'version'>): string {
  return join(versionFolder(index), 'work');
}

/**
 * Encodes tasks and stores their rows.
 *
 * @throws what the tasks, the encoder and the store throw; DIPTYCH_FILE_UNWRITABLE. What was stored before stays
 */
export async function encodeAndStore(pipeline: Pipeline, tasks: AsyncIterable<Task>): Promise<void> {
  const job = await startJob(workFolder(pipeline.index), pipeline.encoder);
  const toEncode = new Queue<number>(AHEAD);
  const toStore = new Queue<number>(AHEAD);
  const stages = [
    readStage(pipeline, job, tasks, toEncode),
    encodeStage(pipeline, job, toEncode, toStore),
    storeStage(pipeline, job, toStore),
  ];
  await allOf(stages, (error) => {
    toEncode.fail(error);
    toStore.fail(error);
  });
  await clearWork(pipeline.index);
}

/** Waits for all, also when some fail, of which it says at once. @throws what the first in the list failed with */
async function allOf(tasks: readonly Promise<void>[], failed: (error: unknown) => void): Promise<void> {
  for (const task of tasks) task.catch(failed);
  for (const result of await Promise.allSettled(tasks)) if (result.status === 'rejected') throw result.reason;
}

async function readStage(
  { partition }: Pipeline,
  job: Job,
  tasks: AsyncIterable<Task>,
  toEncode: Queue<number>,
): Promise<void> {
  let number = 0;
  let batch: Task[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await writePartition(job, number, batch);
    await toEncode.push(number++);
    batch = [];
  };
  for await (const task of tasks) {
    batch.push(task);
    if (batch.length === partition) await flush();
  }
  await flush();
  toEncode.end();
}

async function encodeStage(
  pipeline: Pipeline,
  job: Job,
  toEncode: Queue<number>,
  toStore: Queue<number>,
): Promise<void> {
  const { encoder, signal, waited } = pipeline;
  let elsewhere: number[] = [];
  let busy = 0;
  let idleSince = performance.now();
  const encodeEach = async (): Promise<void> => {
    for (let partition = await toEncode.next(); partition !== undefined; partition = await toEncode.next()) {
      if (signal?.aborted) continue;
      if (busy++ === 0) waited(performance.now() - idleSince);
      const there = await encodePartition(job, partition, encoder).finally(() => {
        if (--busy === 0) idleSince = performance.now();
      });
      if (there) await toStore.push(partition);
      else elsewhere.push(partition);
    }
  };
  await allOf(Array.from({ length: AT_ONCE }, encodeEach), (error) => toEncode.fail(error));
  // What other processes have leased comes back finished, or free again if they died.
  while (elsewhere.length > 0 && !signal?.aborted) {
    const still: number[] = [];
    for (const partition of elsewhere) {
      const there = (await isDone(job, partition)) || (await encodePartition(job, partition, encoder));
      if (there) await toStore.push(partition);
      else still.push(partition);
    }
    elsewhere = still;
    if (elsewhere.length > 0) await wait(LOOK_MS);
  }
  toStore.end();
}

/** Partitions whose results wait on disk are stored together: each write has a cost of its own. */
async function storeStage({ index, stored, failed }: Pipeline, job: Job, toStore: Queue<number>): Promise<void> {
  let waiting: number[] = [];
  let pause = 0;
  const flush = async (): Promise<void> => {
    const start = performance.now();
    const { rows, failures } = await storePartitions(index.store, job, waiting);
    waiting = [];
    stored(rows);
    failed(failures);
    pause = performance.now() + STORE_SHARE * (performance.now() - start);
  };
  for (let partition = await toStore.next(); partition !== undefined; partition = await toStore.next()) {
    waiting.push(partition);
    if (waiting.length === AHEAD || performance.now() >= pause) await flush();
  }
  if (waiting.length > 0) await flush();
}

/** Moves the results of partitions into the store. */
async function storePartitions(
  store: Store,
  job: Job,
  partitions: readonly number[],
): Promise<{ rows: Row[]; failures: Failure[] }> {
  const results = await Promise.all(partitions.map((partition) => readResults(job, partition)));
  const rows = results.flatMap((result) => result.rows);
  const { rejected } = await store.upsert(rows);
  for (const partition of partitions) await removePartition(job, partition);
  const refused = new Set(rejected.map(({ index }) => index));
  const unfit = rejected.map(({ index, error }) => ({ ...rows[index], reason: error.message }));
  const failures = [...results.flatMap((result) => result.failures), ...unfit];
  return { rows: rows.filter((_, i) => !refused.has(i)), failures };
}

/** Stores what a process that died had finished, and clears the rest. Returns the number of rows. */
export async function takeOver(index: Index): Promise<number> {
  const { fingerprint, dimension } = index.store.manifest();
  let count = 0;
  for (const job of await jobsIn(workFolder(index))) {
    if (job.fingerprint !== fingerprint || job.dimension !== dimension) continue;
    for (const partition of await partitionsIn(job, 'done.jsonl')) {
      // What is not whole is left: the reader finds again what it was about.
      const stored = await storePartitions(index.store, job, [partition]).catch((error) => {
        if (isDiptychError(error, 'DIPTYCH_INDEX_DAMAGED') || isDiptychError(error, 'DIPTYCH_FILE_MISSING'))
          return undefined;
        throw error;
      });
      count += stored?.rows.length ?? 0;
    }
  }
  await clearWork(index);
  return count;
}

async function clearWork(index: Index): Promise<void> {
  await rm(workFolder(index), { recursive: true, force: true });
}

/** What a helper is told. */
export interface HelpOptions {
  readonly signal?: AbortSignal | undefined;
  /** Ends after this long without work, in milliseconds. Default 2,000. */
  readonly patience?: number | undefined;
}

/**
 * Encodes partitions of an index that another process is building with the same model, on this machine or another that shares
 * the disk.
 *
 * @returns the number of partitions it encoded
 * @throws what `encodePartition` throws
 */
export async function helpEncoding(folder: string, encoder: Encoder, options: HelpOptions = {}): Promise<number> {
  const { signal, patience = 2_000 } = options;
  let count = 0;
  for (let idle = performance.now(); performance.now() - idle < patience && !signal?.aborted; ) {
    const encoded = await helpOnce(folder, encoder);
    count += encoded;
    if (encoded > 0) idle = performance.now();
    else await wait(LOOK_MS);
  }
  return count;
}

async function helpOnce(folder: string, encoder: Encoder): Promise<number> {
  for (const version of await versionsIn(folder)) {
    for (const job of await jobsIn(workFolder({ folder, version }))) {
      if (job.fingerprint !== encoder.fingerprint) continue;
      for (const partition of await partitionsIn(job, 'tasks.jsonl')) {
        if (!(await isDone(job, partition)) && (await encodePartition(job, partition, encoder))) return 1;
      }
    }
  }
  return 0;
}
