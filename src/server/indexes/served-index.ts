/** @file An index that is served: one reader for all requests, moved to each newer version; a writer while there is something to write. */
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { type Index, openIndex, versionInUse } from '../../index/index-folder.ts';
import { isBehind, keepUp } from '../../index/manage.ts';
import { Serial } from '../../index/serial.ts';
import { Overview } from './overview.ts';

/** A reader and how many are using it; one that was replaced is closed when the last is done. */
interface Reader {
  readonly index: Index;
  users: number;
  retired: boolean;
}

interface Writer {
  readonly index: Index;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/** Building graphs takes at most one part in so many of the time. */
const REST = 5;
const LEAST_REST_MS = 60_000;

export interface ServedIndexOptions {
  /** Whether queries of a model can be answered: a version of another is served only from then on. */
  readonly answers: (fingerprint: string) => Promise<boolean>;
  /** How often to look for a newer version, in milliseconds. Default 2,000. */
  readonly lookEvery?: number | undefined;
  /** How long the lock of the writer is kept after a write, in milliseconds, so that the next need not open it. Default 10,000. */
  readonly keepWriter?: number | undefined;
  readonly report?: ((error: unknown) => void) | undefined;
}

export class ServedIndex {
  readonly name: string;
  readonly folder: string;
  /** What is in it: counts, values of fields, random vectors; made beside the answering of requests. */
  readonly overview = new Overview();
  readonly #options: ServedIndexOptions;
  readonly #moving = new Serial();
  readonly #opening = new Serial();
  readonly #changing = new Serial();
  readonly #clock: NodeJS.Timeout;
  #reader: Reader;
  #writer: Writer | undefined;
  #closed = false;
  /** The graph that is being built, and when the next one may be. */
  #building: Promise<void> | undefined;
  #restUntil = 0;
  readonly #ending = new AbortController();

  private constructor(name: string, folder: string, index: Index, options: ServedIndexOptions) {
    this.name = name;
    this.folder = folder;
    this.#reader = { index, users: 0, retired: false };
    this.#options = options;
    this.#clock = setInterval(
      () => void this.refresh().catch((error) => options.report?.(error)),
      options.lookEvery ?? 2_000,
    );
    this.#clock.unref();
    this.#look();
  }

  /** @throws what `openIndex` throws */
  static async open(name: string, folder: string, options: ServedIndexOptions): Promise<ServedIndex> {
    return new ServedIndex(name, folder, await openIndex(folder), options);
  }

  /** Says which state of the index answers now: `v2.17` is the 17th change of its second version. */
  get version(): string {
    const { version, store } = this.#reader.index;
    return `${version}.${store.manifest().version}`;
  }

  /** The newest state. For what takes longer than one step use `reading`. */
  get index(): Index {
    return this.#reader.index;
  }

  /**
   * Runs a task on one reader, which stays open until the task is done. Where two new versions were put into use meanwhile the
   * files of the reader's own are gone; a store that could not go on without them has the task run again on the newest.
   *
   * @throws DIPTYCH_SERVER_SWITCHING if the newest version cannot be read yet
   */
  async reading<T>(task: (index: Index) => Promise<T>): Promise<T> {
    const reader = this.#reader;
    reader.users++;
    try {
      return await task(reader.index);
    } catch (error) {
      if (!isDiptychError(error, 'DIPTYCH_INDEX_DAMAGED') || (await this.#isCurrent(reader))) throw error;
      await this.refresh();
      if (this.#reader === reader)
        throw new DiptychError('DIPTYCH_SERVER_SWITCHING', { name: this.name }, { cause: error });
      return await this.reading(task);
    } finally {
      reader.users--;
      await this.#closeRetired(reader);
    }
  }

  async #isCurrent({ index }: Reader): Promise<boolean> {
    return index.version === (await versionInUse(this.folder));
  }

  /**
   * Runs a task with the writer, beside others: the store takes their changes one after the other. What it wrote is seen
   * by the next reader.
   *
   * @throws DIPTYCH_INDEX_LOCKED while another process writes
   */
  async writing<T>(task: (index: Index) => Promise<T>): Promise<T> {
    const writer = await this.#opening.run(() => this.#takeWriter());
    try {
      return await task(writer.index);
    } finally {
      this.#keepUp(writer);
      await this.#leaveWriter(writer);
      await this.refresh();
    }
  }

  /** Builds the graph again where that is due, beside what else is read and written; with it the store is compacted. */
  #keepUp(writer: Writer): void {
    const start = performance.now();
    if (this.#building !== undefined || this.#closed || start < this.#restUntil || !isBehind(writer.index.store))
      return;
    writer.users++;
    this.#building = keepUp(writer.index, { signal: this.#ending.signal })
      .catch((error) => this.#closed || this.#options.report?.(error))
      .then(async () => {
        this.#building = undefined;
        const now = performance.now();
        this.#restUntil = now + Math.max(LEAST_REST_MS, REST * (now - start));
        await this.#leaveWriter(writer);
        await this.refresh();
      })
      .catch((error) => this.#options.report?.(error));
  }

  /** Like `writing`, for tasks that read before they write: one after the other. */
  changing<T>(task: (index: Index) => Promise<T>): Promise<T> {
    return this.#changing.run(() => this.writing(task));
  }

  /** Moves to the newest state, also to a new version of another model once that model can be asked. */
  refresh(): Promise<void> {
    return this.#moving.run(async () => {
      if (this.#closed) return;
      const current = this.#reader.index;
      const newest = await versionInUse(this.folder);
      if (newest !== undefined && newest !== current.version) {
        const next = await openIndex(this.folder);
        const answered = await this.#options.answers(next.store.manifest().fingerprint).catch(async (error) => {
          await next.store.close();
          throw error;
        });
        if (answered) await this.#replace(next);
        else await next.store.close();
      } else if (await current.store.refresh()) this.#look();
    });
  }

  /** Waits for changes under way, then closes. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#clock);
    this.overview.stop();
    this.#ending.abort();
    await this.#changing.run(async () => {});
    await this.#building;
    await this.#opening.run(() => this.#forgetWriter());
    await this.#moving.run(async () => {});
    await this.overview.settled();
    this.#reader.retired = true;
    await this.#closeRetired(this.#reader);
  }

  async #replace(next: Index): Promise<void> {
    const old = this.#reader;
    this.#reader = { index: next, users: 0, retired: false };
    old.retired = true;
    this.#look();
    await this.#closeRetired(old);
  }

  async #closeRetired(reader: Reader): Promise<void> {
    if (reader.retired && reader.users === 0) await reader.index.store.close();
  }

  /** Counts again, beside what else happens. */
  #look(): void {
    this.overview.look(
      () => this.version,
      (task) => this.reading(task),
      (error) => this.#options.report?.(error),
    );
  }

  async #takeWriter(): Promise<Writer> {
    const kept = this.#writer;
    if (kept !== undefined && kept.index.version !== (await versionInUse(this.folder))) await this.#forgetWriter();
    this.#writer ??= { index: await openIndex(this.folder, { write: true }), users: 0, idle: undefined };
    clearTimeout(this.#writer.idle);
    this.#writer.users++;
    return this.#writer;
  }

  async #leaveWriter(writer: Writer): Promise<void> {
    writer.users--;
    if (writer.users > 0) return;
    if (this.#writer !== writer || this.#closed) return writer.index.store.close();
    const close = (): void => {
      void this.#opening
        .run(async () => {
          if (this.#writer === writer && writer.users === 0) await this.#forgetWriter();
        })
        .catch((error) => this.#options.report?.(error));
    };
    writer.idle = setTimeout(close, this.#options.keepWriter ?? 10_000);
    writer.idle.unref();
  }

  /** The next task opens a writer of its own; this one is closed when its last user leaves. */
  async #forgetWriter(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    clearTimeout(writer?.idle);
    if (writer?.users === 0) await writer.index.store.close();
  }
}
