/**
 * @file Work on disk: what is to be encoded lies in partitions, each leased by a file to one encoder at a time. Several
 * processes, on one machine or on many that share the disk, can encode the partitions of one index; what is finished
 * stays finished when they are killed.
 */
import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isDiptychError } from '../errors/error.ts';
import { writeAtomically } from '../files/atomic.ts';
import { bytesOf } from '../files/bytes.ts';
import { unwritable } from '../files/failures.ts';
import { readJson, writeJson } from '../files/json.ts';
import { readBytes } from '../files/text.ts';
import type { Encoder } from './encoder.ts';
import { linesOf, readJsonLines } from './json-lines.ts';
import { acquireLock } from './lock.ts';
import { damaged } from './manifest-file.ts';
import type { Metadata, Row } from './store.ts';

/** A row without its vector, and what to encode for it. */
export interface Task {
  readonly id: string;
  readonly metadata: Metadata;
  /** A picture file or a text. */
  readonly input: { readonly path: string } | { readonly text: string };
}

/** A task that failed. */
export interface Failure {
  readonly id: string;
  readonly metadata: Metadata;
  readonly reason: string;
}

const jobSchema = z.object({ fingerprint: z.string(), dimension: z.int().min(1) });

/** Partitions that belong together, in a folder of their own. */
export interface Job extends z.infer<typeof jobSchema> {
  readonly folder: string;
}

/** Starts a job in the work folder of an index. @throws DIPTYCH_FILE_UNWRITABLE */
export async function startJob(work: string, { fingerprint, dimension }: Encoder): Promise<Job> {
  const folder = join(work, randomUUID());
  await mkdir(folder, { recursive: true }).catch((cause) => Promise.reject(unwritable(folder, cause)));
  await writeJson(join(folder, 'job.json'), { fingerprint, dimension });
  return { folder, fingerprint, dimension };
}

/** The jobs in a work folder. */
export async function jobsIn(work: string): Promise<Job[]> {
  const names = await readdir(work).catch(() => []);
  const jobs: Job[] = [];
  for (const name of names) {
    const folder = join(work, name);
    const job = await readJson(join(folder, 'job.json'), jobSchema).catch(() => undefined);
    if (job !== undefined) jobs.push({ folder, ...job });
  }
  return jobs;
}

type Part = 'tasks.jsonl' | 'lease' | 'vectors' | 'done.jsonl';

function file(job: Job, partition: number, part: Part): string {
  return join(job.folder, `${String(partition).padStart(6, '0')}.${part}`);
}

/** Writes the tasks of a partition: from then on any process may encode it. @throws DIPTYCH_FILE_UNWRITABLE */
export async function writePartition(job: Job, partition: number, tasks: readonly Task[]): Promise<void> {
  await writeAtomically(file(job, partition, 'tasks.jsonl'), linesOf(tasks));
}

/** The partitions of a job whose tasks, or whose results, lie there. */
export async function partitionsIn(job: Job, part: 'tasks.jsonl' | 'done.jsonl'): Promise<number[]> {
  const names = await readdir(job.folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(`.${part}`))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

/** Whether the results of a partition lie there. */
export async function isDone(job: Job, partition: number): Promise<boolean> {
  return access(file(job, partition, 'done.jsonl')).then(
    () => true,
    () => false,
  );
}

/**
 * Encodes a partition and writes the results beside it, unless that is done already.
 *
 * @returns whether the results are there; false if another process is at it
 * @throws DIPTYCH_INDEX_DAMAGED if its tasks are not what was written, DIPTYCH_FILE_UNWRITABLE, what the encoder throws
 */
export async function encodePartition(job: Job, partition: number, encoder: Encoder): Promise<boolean> {
  const lease = await acquireLock(file(job, partition, 'lease')).catch((error) => {
    if (isDiptychError(error, 'DIPTYCH_INDEX_LOCKED')) return undefined;
    throw error;
  });
  if (lease === undefined) return false;
  try {
    if (await isDone(job, partition)) return true;
    const tasks = await readTasks(job, partition);
    const results = await encodeTasks(tasks, encoder);
    const vectors = results.filter((result) => result instanceof Float32Array);
    const lines = tasks.map(({ id, metadata }, i) => {
      const result = results[i];
      return result instanceof Float32Array ? { id, metadata } : { id, metadata, reason: result.error };
    });
    await writeAtomically(file(job, partition, 'vectors'), concatenated(vectors));
    // The marker that this partition is finished goes last.
    await writeAtomically(file(job, partition, 'done.jsonl'), linesOf(lines));
    return true;
  } finally {
    await lease.release();
  }
}

async function encodeTasks(
  tasks: readonly Task[],
  encoder: Encoder,
): Promise<(Float32Array | { readonly error: string })[]> {
  const results: (Float32Array | { readonly error: string })[] = Array(tasks.length);
  const images = tasks.flatMap(({ input }, i) => ('path' in input ? [{ i, path: input.path }] : []));
  const texts = tasks.flatMap(({ input }, i) => ('text' in input ? [{ i, text: input.text }] : []));
  const imageVectors = images.length === 0 ? [] : await encoder.encodeImages(images.map(({ path }) => path));
  const textVectors = texts.length === 0 ? [] : await encoder.encodeTexts(texts.map(({ text }) => text));
  images.forEach(({ i }, j) => {
    results[i] = imageVectors[j];
  });
  texts.forEach(({ i }, j) => {
    results[i] = textVectors[j];
  });
  const wrong = (result: Float32Array) => ({
    error: `the encoder gave ${result.length} numbers instead of ${encoder.dimension}`,
  });
  return results.map((result) =>
    result instanceof Float32Array && result.length !== encoder.dimension ? wrong(result) : result,
  );
}

const metadataSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);
const taskSchema = z.object({
  id: z.string(),
  metadata: metadataSchema,
  input: z.union([z.strictObject({ path: z.string() }), z.strictObject({ text: z.string() })]),
});
const resultSchema = z.object({ id: z.string(), metadata: metadataSchema, reason: z.string().optional() });

async function readTasks(job: Job, partition: number): Promise<Task[]> {
  return readAll(file(job, partition, 'tasks.jsonl'), taskSchema);
}

/** What came out of a finished partition. @throws DIPTYCH_INDEX_DAMAGED if its files do not fit together */
export async function readResults(job: Job, partition: number): Promise<{ rows: Row[]; failures: Failure[] }> {
  const path = file(job, partition, 'done.jsonl');
  const rows: Row[] = [];
  const failures: Failure[] = [];
  const bytes = await readBytes(file(job, partition, 'vectors'));
  const numbers = new Float32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
  for (const { id, metadata, reason } of await readAll(path, resultSchema)) {
    const at = rows.length * job.dimension;
    if (reason !== undefined) failures.push({ id, metadata, reason });
    else rows.push({ id, metadata, vector: numbers.subarray(at, at + job.dimension) });
  }
  if (bytes.length !== rows.length * job.dimension * 4) throw damaged(path, 'it does not fit its vectors');
  return { rows, failures };
}

async function readAll<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>[]> {
  const values: z.output<S>[] = [];
  for await (const value of readJsonLines(path, schema)) {
    if (value === undefined) throw damaged(path, `line ${values.length + 1} is not what was written`);
    values.push(value);
  }
  return values;
}

/** Removes a partition whose results have been taken over. */
export async function removePartition(job: Job, partition: number): Promise<void> {
  for (const part of ['tasks.jsonl', 'done.jsonl', 'vectors'] as const)
    await rm(file(job, partition, part), { force: true });
}

function concatenated(vectors: readonly Float32Array[]): Uint8Array {
  const length = vectors.reduce((sum, vector) => sum + vector.length, 0);
  const all = new Float32Array(length);
  let at = 0;
  for (const vector of vectors) {
    all.set(vector, at);
    at += vector.length;
  }
  return bytesOf(all);
}
