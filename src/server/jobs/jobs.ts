/** @file Long work, one job at a time: asked for, watched, cancelled, and taken up again after a restart. */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { resolve } from 'node:path';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import type { UpdateReport } from '../../index/build.ts';
import { readSettings } from '../../index/index-folder.ts';
import { Serial } from '../../index/serial.ts';
import type { Progress, ProgressReport } from '../../system/progress.ts';
import { within } from '../items/uploads.ts';
import type { Job, JobEvent, NewJob } from '../schema/jobs.ts';
import type { Service } from '../service.ts';
import { forgetJob, readJobs, writeJob } from './job-files.ts';
import { updateServed } from './update.ts';

/** Jobs that ended and are remembered. */
const REMEMBERED = 100;
/** Jobs that may wait. */
const MOST_WAITING = 32;
/** What could not be taken in is listed up to here. */
const MOST_LISTED = 1000;
/** How often progress is told. */
const TELL_MS = 250;

export class Jobs {
  readonly #service: Service;
  readonly #folder: string;
  readonly #jobs = new Map<string, Job>();
  readonly #running = new Map<string, AbortController>();
  readonly #serial = new Serial();
  readonly #events = new EventEmitter();
  #stopped = false;

  constructor(service: Service, folder: string) {
    this.#service = service;
    this.#folder = folder;
    this.#events.setMaxListeners(0);
  }

  /** Reads the jobs there are, and goes on with those that had not ended. */
  async open(): Promise<void> {
    for (const job of await readJobs(this.#folder)) {
      this.#jobs.set(job.id, job);
      if (job.state === 'queued' || job.state === 'running') this.#enqueue({ ...job, state: 'queued' });
    }
  }

  /** Newest first. */
  list(): readonly Job[] {
    return [...this.#jobs.values()].reverse();
  }

  /** @throws DIPTYCH_SERVER_JOB_UNKNOWN */
  get(id: string): Job {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new DiptychError('DIPTYCH_SERVER_JOB_UNKNOWN', { id });
    return job;
  }

  /** Accepts a job: once this returns it is on disk. @throws DIPTYCH_SERVER_JOB_FOLDER, DIPTYCH_SERVER_BUSY */
  async add(index: string, { folder, captions }: NewJob): Promise<Job> {
    const waiting = this.list().filter(({ state }) => state === 'queued').length;
    if (waiting >= MOST_WAITING) throw new DiptychError('DIPTYCH_SERVER_BUSY', { waiting });
    const job: Job = {
      id: randomUUID(),
      index,
      kind: 'update',
      folder: folder === undefined ? null : await this.#allowed(index, folder),
      captions: captions ?? null,
      state: 'queued',
      created: new Date().toISOString(),
      started: null,
      ended: null,
      progress: null,
      counts: {},
      quarantined: [],
      quarantinedCount: 0,
      error: null,
    };
    await writeJob(this.#folder, job);
    this.#enqueue(job);
    return job;
  }

  /** Cancels a job that has not ended, which one that is running does after its batch; what it has stored stays. @throws DIPTYCH_SERVER_JOB_UNKNOWN */
  async cancel(id: string): Promise<Job> {
    const job = this.get(id);
    const running = this.#running.get(id);
    if (running !== undefined) running.abort();
    else if (job.state === 'queued')
      await this.#change({ ...job, state: 'cancelled', ended: new Date().toISOString() });
    return this.get(id);
  }

  /** Calls back with each event of a job. @returns what ends it */
  watch(id: string, listener: (event: JobEvent) => void): () => void {
    this.#events.on(id, listener);
    return () => this.#events.off(id, listener);
  }

  /** Stops after the batch at hand; what is not done is taken up by the next start. */
  async close(): Promise<void> {
    this.#stopped = true;
    for (const controller of this.#running.values()) controller.abort();
    await this.#serial.run(async () => {});
  }

  /** A folder as it will be read: one that the index knows, or within one that is allowed. */
  async #allowed(name: string, folder: string): Promise<string> {
    const place = resolve(folder);
    const { sources } = await this.#service.indexNamed(name).reading((index) => readSettings(index));
    const allowed = this.#service.folders.some((one) => place === one || within(one, place));
    if (!allowed && !sources.some((source) => source.place === place)) {
      throw new DiptychError('DIPTYCH_SERVER_JOB_FOLDER', { folder });
    }
    return place;
  }

  #enqueue(job: Job): void {
    this.#jobs.set(job.id, job);
    void this.#serial.run(() => this.#run(job.id)).catch((error) => this.#service.report(error));
  }

  async #run(id: string): Promise<void> {
    const queued = this.get(id);
    if (this.#stopped || queued.state !== 'queued') return;
    const controller = new AbortController();
    this.#running.set(id, controller);
    await this.#change({ ...queued, state: 'running', started: queued.started ?? new Date().toISOString() });
    try {
      const index = this.#service.indexNamed(queued.index);
      const encoder = this.#service.needEncoder(index.index.store.manifest().fingerprint);
      const { folder, captions } = queued;
      const progress = this.#progressOf(id);
      const reports = await updateServed(index, { folder, captions, encoder, progress, signal: controller.signal });
      const complete = !controller.signal.aborted;
      await this.#end(id, complete ? 'done' : this.#stopped ? 'queued' : 'cancelled', reports);
    } catch (error) {
      if (!isDiptychError(error)) this.#service.report(error);
      // Cut off by the end of the service, it is no failure of the job.
      if (this.#stopped) await this.#end(id, 'queued', []);
      else await this.#end(id, controller.signal.aborted ? 'cancelled' : 'failed', [], error);
    } finally {
      this.#running.delete(id);
    }
  }

  async #end(id: string, state: Job['state'], reports: readonly UpdateReport[], error?: unknown): Promise<void> {
    const listed = reports.flatMap(({ quarantined }) => quarantined);
    const quarantined = listed.slice(0, MOST_LISTED).map(({ file, reason, id, line }) => ({
      file,
      reason,
      ...(id !== undefined && { id }),
      ...(line !== undefined && { line }),
    }));
    for (const data of quarantined) this.#tell(id, { event: 'quarantined', data });
    const job = this.get(id);
    await this.#change({
      ...job,
      state,
      ended: state === 'queued' ? null : new Date().toISOString(),
      counts: countsOf(reports),
      quarantined,
      quarantinedCount: listed.length,
      error: state === 'failed' ? told(error) : null,
    });
    await this.#forgetOld();
  }

  #progressOf(id: string): Progress {
    let last = 0;
    return {
      update: ({ done, total, unit, figures }: ProgressReport) => {
        if (performance.now() - last < TELL_MS) return;
        last = performance.now();
        const data = { done, total: total ?? null, unit, figures: { ...figures } };
        this.#jobs.set(id, { ...this.get(id), progress: data });
        this.#tell(id, { event: 'progress', data });
      },
      note() {},
      finish() {},
    };
  }

  /** Takes a job as it is now, writes it, then tells of it: one that is cancelled is not begun while that is being written. */
  async #change(job: Job): Promise<void> {
    this.#jobs.set(job.id, job);
    await writeJob(this.#folder, job);
    this.#tell(job.id, { event: 'state', data: job });
  }

  #tell(id: string, event: JobEvent): void {
    this.#events.emit(id, event);
  }

  async #forgetOld(): Promise<void> {
    const ended = [...this.#jobs.values()].filter(({ ended }) => ended !== null);
    for (const { id } of ended.slice(0, Math.max(0, ended.length - REMEMBERED))) {
      this.#jobs.delete(id);
      await forgetJob(this.#folder, id);
    }
  }
}

function countsOf(reports: readonly UpdateReport[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { images, captions } of reports) {
    for (const changes of [images, captions]) {
      for (const [name, count] of Object.entries(changes)) counts[name] = (counts[name] ?? 0) + count;
    }
  }
  return counts;
}

function told(error: unknown): { code: string; detail: string } {
  if (isDiptychError(error)) return { code: error.code, detail: error.message };
  return { code: 'DIPTYCH_SERVER_INTERNAL', detail: 'something failed that was not foreseen; the log has it' };
}
