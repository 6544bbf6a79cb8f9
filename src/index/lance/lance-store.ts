/** @file The LanceDB store: a table of typed columns, each change one version of it that our manifest names. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, Table } from '@lancedb/lancedb';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { unwritable } from '../../files/failures.ts';
import { checkCount, checkSearch, sift } from '../batch.ts';
import type { Filter } from '../filter.ts';
import { type Lock, locked } from '../lock.ts';
import { hasManifest, publicManifest, requireModel } from '../manifest-file.ts';
import { unitVector, withFields } from '../rows.ts';
import { Serial } from '../serial.ts';
import type {
  Damage,
  Hit,
  NewStore,
  OpenStore,
  Receipt,
  Row,
  SearchOptions,
  Store,
  StoreKind,
  StoreManifest,
} from '../store.ts';
import { emptySchema, fieldOf, tableOf } from './batches.ts';
import { connect, type Lance, loadLance } from './binding.ts';
import { allColumns, withColumns } from './columns.ts';
import { Durable } from './durable.ts';
import { codedError, guarded, isMissing } from './failures.ts';
import { type LanceManifest, newManifest, readManifest, writeManifest } from './manifest.ts';
import { verifyView } from './verify.ts';
import {
  allIds,
  countRows,
  idsIn,
  openView,
  rowsById,
  rowsOf,
  rowsSince,
  searchRows,
  TABLE,
  type View,
} from './view.ts';
import { isWorn, moreWorn, unworn, type Wear, wearOf } from './wear.ts';

/**
 * How long a version stays after the next, for readers that are at it: longer than a request or a scan takes, no longer because each
 * is a file that every write has to look at, and after a compaction a copy of all rows.
 */
const KEEP_MS = 120_000;

/** What can be set besides what every store has. */
export interface LanceOptions {
  /** Milliseconds that a version stays after the next one. Default two minutes. */
  readonly keep?: number | undefined;
}

/** The LanceDB store as one of the kinds of stores. */
export const lance: StoreKind = { kind: 'lance', create: createLanceStore, open: openLanceStore };

/**
 * Makes a LanceDB store and opens it for writing.
 *
 * @throws DIPTYCH_INDEX_LANCE_MISSING, DIPTYCH_INDEX_EXISTS, DIPTYCH_INDEX_LOCKED, DIPTYCH_INDEX_OPTION,
 *   DIPTYCH_FILE_UNWRITABLE
 */
export async function createLanceStore(folder: string, options: NewStore & LanceOptions): Promise<Store> {
  const { fingerprint, dimension, dtype = 'float32' } = options;
  checkCount('dimension', dimension, 1 << 20);
  const binding = await loadLance();
  await mkdir(folder, { recursive: true }).catch((cause) => Promise.reject(unwritable(folder, cause)));
  return locked(folder, async (lock) => {
    if (await hasManifest(folder)) throw new DiptychError('DIPTYCH_INDEX_EXISTS', { path: folder });
    const connection = await connect(binding, folder);
    const schema = emptySchema(binding, { dimension, dtype });
    await rm(tableFolder(folder), { recursive: true, force: true });
    const table = await connection.createEmptyTable(TABLE, schema);
    const manifest = newManifest({ fingerprint, dimension, dtype }, await table.version());
    await writeManifest(folder, manifest);
    return new LanceStore(folder, binding, connection, manifest, await startWriter(folder, lock, table, options));
  });
}

/**
 * Opens a LanceDB store.
 *
 * @throws DIPTYCH_INDEX_LANCE_MISSING, DIPTYCH_INDEX_MISSING, _DAMAGED, _FORMAT, _FINGERPRINT, and _LOCKED for a second writer
 */
export async function openLanceStore(folder: string, options: OpenStore & LanceOptions = {}): Promise<Store> {
  if (options.write !== true) return openWith(folder, options, undefined);
  if (!(await hasManifest(folder))) throw new DiptychError('DIPTYCH_INDEX_MISSING', { path: folder });
  return locked(folder, (lock) => openWith(folder, options, lock));
}

function tableFolder(folder: string): string {
  return join(folder, `${TABLE}.lance`);
}

async function openWith(folder: string, options: OpenStore & LanceOptions, lock: Lock | undefined): Promise<Store> {
  const manifest = await readManifest(folder);
  requireModel(folder, manifest, options.fingerprint);
  const binding = await loadLance();
  return guarded(folder, async () => {
    const connection = await connect(binding, folder);
    if (lock === undefined) {
      const view = await openView(connection, manifest);
      return new LanceStore(folder, binding, connection, manifest, undefined, view);
    }
    const table = await connection.openTable(TABLE);
    await backTo(table, manifest);
    return new LanceStore(folder, binding, connection, manifest, await startWriter(folder, lock, table, options));
  });
}

/** What only a writer has. */
interface Writer {
  readonly lock: Lock;
  /** At its newest version, which is that of the manifest between writes. */
  readonly table: Table;
  readonly durable: Durable;
  /** Milliseconds that versions stay. */
  readonly keep: number;
  wear: Wear;
}

async function startWriter(folder: string, lock: Lock, table: Table, options: LanceOptions): Promise<Writer> {
  const durable = await Durable.over(tableFolder(folder));
  return { lock, table, durable, keep: options.keep ?? KEEP_MS, wear: await wearOf(table) };
}

/** Takes back what was begun after the version of the manifest and never committed. */
async function backTo(table: Table, { table: version }: LanceManifest): Promise<void> {
  if ((await table.version()) === version) return;
  await table.checkout(version);
  await table.restore();
}

class LanceStore implements Store {
  private readonly folder: string;
  private readonly lance: Lance;
  private readonly connection: Connection;
  private readonly writer: Writer | undefined;
  private readonly changing = new Serial();
  private current: LanceManifest;
  /** The table at the version of `current`; opened when first needed after a change. */
  private view: Promise<View> | undefined;
  /** All ids, for a writer; read when first needed. */
  private known: Promise<Set<string>> | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    folder: string,
    binding: Lance,
    connection: Connection,
    manifest: LanceManifest,
    writer: Writer | undefined,
    view?: View,
  ) {
    this.folder = folder;
    this.lance = binding;
    this.connection = connection;
    this.current = manifest;
    this.writer = writer;
    if (view !== undefined) this.view = Promise.resolve(view);
  }

  add(rows: readonly Row[]): Promise<Receipt> {
    return this.change(async (writer, ids) => {
      const { accepted, rejected } = sift(rows, this.current.dimension, (id, earlier) => {
        if (ids.has(id)) return 'is in the index already';
        return earlier === undefined ? undefined : 'is given twice';
      });
      await this.commit(writer, ids, accepted, []);
      return { written: accepted.length, rejected };
    });
  }

  upsert(rows: readonly Row[]): Promise<Receipt> {
    return this.change(async (writer, ids) => {
      const { accepted, rejected } = sift(rows, this.current.dimension, () => undefined);
      const replaced = accepted.map(({ id }) => id).filter((id) => ids.has(id));
      await this.commit(writer, ids, accepted, replaced);
      return { written: accepted.length, rejected };
    });
  }

  delete(ids: readonly string[]): Promise<number> {
    return this.change(async (writer, known) => {
      const gone = [...new Set(ids)].filter((id) => known.has(id));
      await this.commit(writer, known, [], gone);
      return gone.length;
    });
  }

  async get(ids: readonly string[]): Promise<(Row | undefined)[]> {
    const rows = await this.reading((view) => rowsById(view, ids));
    return ids.map((id) => rows.get(id));
  }

  async *scan(filter?: Filter): AsyncGenerator<Row> {
    const { view, rows, first } = await this.reading(async (view) => {
      const rows = rowsOf(view, filter);
      return { view, rows, first: await rows.next() };
    });
    if (first.done) return;
    try {
      yield first.value;
      yield* rows;
    } catch (cause) {
      throw await this.failure(view, cause);
    } finally {
      await rows.return(undefined);
    }
  }

  async search(vector: Float32Array, options: SearchOptions): Promise<Hit[]> {
    this.checkOpen();
    checkSearch(options);
    const unit = unitVector('query', vector, this.current.dimension);
    return this.reading((view) => searchRows(view, unit, options));
  }

  async count(filter?: Filter): Promise<number> {
    return this.reading(async (view) => (filter === undefined ? view.manifest.rows : countRows(view, filter)));
  }

  /** Rows that were written after a version. */
  async *changedSince(version: number): AsyncGenerator<Row> {
    this.checkOpen();
    yield* rowsSince(await this.viewNow(), version);
  }

  /** The ids of all rows. */
  async ids(): Promise<ReadonlySet<string>> {
    return this.reading(allIds);
  }

  manifest(): StoreManifest {
    return publicManifest(this.current);
  }

  async refresh(): Promise<boolean> {
    this.checkOpen();
    if (this.writer !== undefined) return false;
    return this.changing.run(async () => {
      const next = await readManifest(this.folder);
      if (next.version === this.current.version && next.created === this.current.created) return false;
      const view = await guarded(this.folder, () => openView(this.connection, next));
      this.moveTo(next, Promise.resolve(view));
      return true;
    });
  }

  compact(): Promise<void> {
    return this.change(async (writer) => this.putTogether(writer));
  }

  async verify(): Promise<Damage[]> {
    try {
      return await this.reading((view) => verifyView(this.folder, view));
    } catch (error) {
      if (!isDiptychError(error, 'DIPTYCH_INDEX_DAMAGED') && !isDiptychError(error, 'DIPTYCH_INDEX_LANCE')) throw error;
      const { path, reason } = error.fields;
      return [{ place: path, reason }];
    }
  }

  close(): Promise<void> {
    this.closing ??= this.changing.run(async () => {
      this.connection.close();
      await this.writer?.lock.release();
    });
    return this.closing;
  }

  private checkOpen(): void {
    if (this.closing !== undefined) throw new DiptychError('DIPTYCH_INDEX_CLOSED', { path: this.folder });
  }

  private viewNow(): Promise<View> {
    if (this.view === undefined) {
      const view = guarded(this.folder, () => openView(this.connection, this.current));
      view.catch(() => {
        if (this.view === view) this.view = undefined;
      });
      this.view = view;
    }
    return this.view;
  }

  /** A reader that stayed at its version for longer than that is kept goes on with the newest. */
  private async reading<T>(task: (view: View) => Promise<T>): Promise<T> {
    this.checkOpen();
    const view = await this.viewNow();
    try {
      return await task(view);
    } catch (cause) {
      const error = await this.failure(view, cause);
      if (!isDiptychError(error, 'DIPTYCH_INDEX_OVERTAKEN')) throw error;
    }
    const newest = await this.viewNow();
    return task(newest).catch(async (cause) => Promise.reject(await this.failure(newest, cause)));
  }

  /** What to tell of a failure to read a version: damage, unless there is a newer one, for which files may have been removed. */
  private async failure({ manifest }: View, cause: unknown): Promise<unknown> {
    if (isMissing(cause)) await this.refresh().catch(() => {});
    const overtaken = isMissing(cause) && this.current.version !== manifest.version;
    return overtaken
      ? new DiptychError('DIPTYCH_INDEX_OVERTAKEN', { path: this.folder }, { cause })
      : codedError(this.folder, cause);
  }

  private moveTo(manifest: LanceManifest, view: Promise<View> | undefined): void {
    this.current = manifest;
    this.view = view;
  }

  /** Runs a task that changes the store after those before it. If it fails the table goes back to where it was. */
  private async change<T>(task: (writer: Writer, ids: Set<string>) => Promise<T>): Promise<T> {
    this.checkOpen();
    const { writer } = this;
    if (writer === undefined) throw new DiptychError('DIPTYCH_INDEX_READ_ONLY', { path: this.folder });
    return this.changing.run(() =>
      guarded(this.folder, async () => {
        this.known ??= this.viewNow().then(allIds);
        const ids = await this.known.catch((cause) => {
          this.known = undefined;
          throw cause;
        });
        await writer.lock.confirm();
        try {
          return await task(writer, ids);
        } catch (cause) {
          await backTo(writer.table, this.current).catch(() => {});
          throw cause;
        }
      }),
    );
  }

  /** Deletes, then appends: several versions of the table, of which the manifest names the last. */
  private async commit(writer: Writer, ids: Set<string>, rows: readonly Row[], gone: readonly string[]): Promise<void> {
    if (rows.length + gone.length === 0) return;
    const { table } = writer;
    const fields = withFields(this.current.fields, rows);
    const next = {
      ...this.current,
      version: this.current.version + 1,
      rows: this.current.rows - gone.length + rows.length,
      fields,
      columns: withColumns(this.current.columns, fields),
    };
    await this.addColumns(table, next);
    for (const where of idsIn(gone)) await table.delete(where);
    if (rows.length > 0) await table.add(tableOf(this.lance, rows, next, next.version));
    await this.conclude(writer, next);
    for (const id of gone) ids.delete(id);
    for (const { id } of rows) ids.add(id);
    writer.wear = moreWorn(writer.wear, rows.length, gone.length);
    if (isWorn(writer.wear, next.rows)) await this.tidyUp(writer);
  }

  /** What was written stays written if this fails; then it is tried again after as much again. */
  private async tidyUp(writer: Writer): Promise<void> {
    try {
      await this.putTogether(writer);
    } catch {
      writer.wear = unworn;
      await backTo(writer.table, this.current).catch(() => {});
    }
  }

  private async addColumns(table: Table, next: LanceManifest): Promise<void> {
    const had = new Set(allColumns(this.current).map(({ column }) => column.name));
    const missing = allColumns(next).filter(({ column }) => !had.has(column.name));
    if (missing.length > 0) await table.addColumns(missing.map(({ column }) => fieldOf(this.lance, column)));
  }

  /** Commits what was done to the table. */
  private async conclude(writer: Writer, next: LanceManifest): Promise<void> {
    await writer.durable.sync();
    const manifest = { ...next, table: await writer.table.version(), updated: new Date().toISOString() };
    await writeManifest(this.folder, manifest);
    this.moveTo(manifest, undefined);
  }

  /** Few large fragments instead of many small ones, without deleted rows. What no reader needs any more goes after that. */
  private async putTogether(writer: Writer): Promise<void> {
    const { table } = writer;
    await table.optimize({ cleanupOlderThan: new Date(0) });
    if ((await table.version()) !== this.current.table) {
      await this.conclude(writer, { ...this.current, version: this.current.version + 1 });
    }
    await table.optimize({ cleanupOlderThan: new Date(Date.now() - writer.keep), deleteUnverified: true });
    if ((await table.version()) !== this.current.table) await this.conclude(writer, this.current);
    writer.wear = await wearOf(table);
  }
}
