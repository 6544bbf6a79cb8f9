/** @file Bringing an index up to date with a source: what is new is added, what changed is encoded again, what is gone goes. */
import { relative, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DiptychError } from '../errors/error.ts';
import { type Progress, silent } from '../system/progress.ts';
import type { Encoder } from './encoder.ts';
import { type Index, readSettings, versionFolder, writeSettings } from './index-folder.ts';
import { requireModel } from './manifest-file.ts';
import type { Failure, Task } from './partitions.ts';
import { encodeAndStore, takeOver } from './pipeline.ts';
import { writeQuarantine } from './quarantine.ts';
import type { Quarantined, Source } from './source.ts';
import type { Metadata, Row } from './store.ts';
import { contentOf, type WantedBatch, wantedCaptions, wantedImages } from './wanted.ts';

export interface UpdateOptions {
  /** Whether rows whose pictures are gone from the source are removed. Default true. */
  readonly remove?: boolean | undefined;
  /** Whether captions get rows of their own. Once on, it stays on. Default as before, at first false. */
  readonly captions?: boolean | undefined;
  /** Put before all ids of the source, to set it apart from others. Default as before, at first nothing. */
  readonly prefix?: string | undefined;
  /** Pictures that are encoded and stored at once; a kill can cost two such. Default 256. */
  readonly partition?: number | undefined;
  readonly progress?: Progress | undefined;
  /** Stops after the partitions that are being encoded; run again to go on. */
  readonly signal?: AbortSignal | undefined;
}

/** What was done to rows of one kind. */
export interface Changes {
  added: number;
  /** Encoded again because their content changed. */
  changed: number;
  /** Kept their vector and got other metadata. */
  described: number;
  removed: number;
  unchanged: number;
}

export interface UpdateReport {
  readonly source: string;
  readonly images: Changes;
  readonly captions: Changes;
  readonly quarantined: readonly Quarantined[];
  /** False if it was stopped before the end. */
  readonly complete: boolean;
  readonly seconds: number;
}

/** An update under way. */
interface Update {
  readonly index: Index;
  readonly encoder: Encoder;
  readonly source: Source;
  readonly prefix: string;
  readonly options: UpdateOptions;
  /** Whether the index was empty: then no row need be looked up, and none can be gone. */
  fresh: boolean;
  /** Ids of rows that belong to the source and stay. */
  readonly kept: Set<string>;
  /** Ids of rows that are being encoded again. */
  readonly changing: Set<string>;
  readonly quarantined: Quarantined[];
  readonly images: Changes;
  readonly captions: Changes;
  readonly meter: Meter;
}

/** What progress reports are made of. */
interface Meter {
  readonly start: number;
  done: number;
  waited: number;
}

/**
 * Brings an index, open for writing, up to date with a source. Running it again changes nothing; running it after a
 * kill goes on where it was.
 *
 * @throws DIPTYCH_INDEX_FINGERPRINT, DIPTYCH_INDEX_SOURCE, DIPTYCH_INDEX_SOURCE_EMPTY, DIPTYCH_INDEX_OPTION, what the
 *   encoder throws, DIPTYCH_FILE_UNWRITABLE: what was stored before stays
 */
export async function bringUpToDate(
  index: Index,
  encoder: Encoder,
  source: Source,
  options: UpdateOptions = {},
): Promise<UpdateReport> {
  const { progress = silent } = options;
  requireModel(index.folder, index.store.manifest(), encoder.fingerprint);
  const { captions, prefix } = await registerSource(index, source, options);
  const update: Update = {
    index,
    encoder,
    source,
    prefix,
    options,
    fresh: false,
    kept: new Set(),
    changing: new Set(),
    quarantined: [...source.quarantined],
    images: noChanges(),
    captions: noChanges(),
    meter: { start: performance.now(), done: 0, waited: 0 },
  };
  try {
    const complete = await run(update, captions, progress);
    const seconds = (performance.now() - update.meter.start) / 1000;
    return {
      source: source.place,
      images: update.images,
      captions: update.captions,
      quarantined: update.quarantined,
      complete,
      seconds,
    };
  } finally {
    progress.finish();
  }
}

/** Returns whether it came to the end. */
async function run(update: Update, captions: boolean, progress: Progress): Promise<boolean> {
  const { index, source, prefix, options, kept } = update;
  const recovered = await takeOver(index);
  if (recovered > 0) progress.note(`took over ${recovered} rows that were encoded before`);
  update.fresh = index.store.manifest().rows === 0;
  await bringIn(update, wantedImages(source, prefix), update.images, 'images', source.items.length);
  if (captions) {
    const total = source.items.reduce((sum, item) => sum + item.captions.length, 0);
    const wanted = wantedCaptions(source, prefix, (id) => kept.has(id));
    await bringIn(update, wanted, update.captions, 'captions', total);
  }
  if (options.signal?.aborted) return false;
  if (options.remove !== false && !update.fresh) await removeGone(update);
  await writeQuarantine(versionFolder(index), source.place, update.quarantined);
  return true;
}

function noChanges(): Changes {
  return { added: 0, changed: 0, described: 0, removed: 0, unchanged: 0 };
}

/** Notes the source in the settings of the index, and settles what was left open. */
async function registerSource(
  index: Index,
  source: Source,
  options: UpdateOptions,
): Promise<{ captions: boolean; prefix: string }> {
  const settings = await readSettings(index);
  const { kind, place } = source;
  const known = settings.sources.find((one) => one.place === place);
  if (known === undefined && kind === 'folder') {
    const overlap = settings.sources.find(
      (one) => one.kind === 'folder' && (within(one.place, place) || within(place, one.place)),
    );
    if (overlap !== undefined) throw new DiptychError('DIPTYCH_INDEX_SOURCE', { path: place, known: overlap.place });
  }
  if (source.items.length === 0 && options.remove !== false) {
    const rows = await index.store.count({ source: place });
    if (rows > 0) throw new DiptychError('DIPTYCH_INDEX_SOURCE_EMPTY', { path: place, rows });
  }
  const prefix = options.prefix ?? known?.prefix ?? '';
  if (known !== undefined && known.prefix !== prefix) {
    const problem = `"${prefix}", but the ids of this source begin with "${known.prefix}"`;
    throw new DiptychError('DIPTYCH_INDEX_OPTION', { option: 'prefix', problem });
  }
  const captions = settings.captions || options.captions === true;
  const sources = known === undefined ? [...settings.sources, { kind, place, prefix }] : settings.sources;
  const next = { ...settings, captions, sources };
  if (!isDeepStrictEqual(next, settings)) await writeSettings(index, next);
  return { captions, prefix };
}

function within(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep);
}

/** Encodes and stores what of the wanted rows is new or changed. */
async function bringIn(
  update: Update,
  wanted: AsyncIterable<WantedBatch>,
  changes: Changes,
  unit: string,
  total: number,
): Promise<void> {
  const { index, encoder, kept, changing, quarantined, meter, options } = update;
  const { partition = 256, progress = silent, signal } = options;
  meter.done = 0;
  const report = (): void => {
    const waiting = `${Math.round((100 * meter.waited) / (performance.now() - meter.start))} %`;
    const figures = {
      new: changes.added,
      changed: changes.changed,
      'set aside': quarantined.length,
      'waiting for files': waiting,
    };
    progress.update({ done: meter.done, total, unit, figures });
  };
  const stored = (rows: readonly Row[]): void => {
    for (const { id } of rows) {
      if (changing.has(id)) changes.changed++;
      else changes.added++;
    }
    meter.done += rows.length;
    report();
  };
  const failed = (failures: readonly Failure[]): void => {
    for (const { id, metadata, reason } of failures) {
      quarantined.push({ file: String(metadata.path), id, reason });
      kept.delete(id);
    }
    meter.done += failures.length;
    report();
  };
  const waited = (milliseconds: number): void => {
    meter.waited += milliseconds;
  };
  const tasks = toEncode(update, wanted, changes, report);
  await encodeAndStore({ index, encoder, partition, signal, stored, failed, waited }, tasks);
  report();
}

/** Of the wanted rows those that must be encoded. What needs no encoding is settled on the way. */
async function* toEncode(
  update: Update,
  wanted: AsyncIterable<WantedBatch>,
  changes: Changes,
  report: () => void,
): AsyncGenerator<Task> {
  const { index, source, kept, changing, quarantined, meter, options } = update;
  for await (const { tasks, unreadable } of wanted) {
    if (options.signal?.aborted) return;
    const there = await rowsOf(update, unreadable);
    unreadable.forEach((entry, i) => {
      quarantined.push(entry);
      if (there[i]?.metadata.source === source.place) kept.add(entry.id);
    });
    const described: Row[] = [];
    const existing = await rowsOf(update, tasks);
    const settled = meter.done;
    meter.done += unreadable.length;
    for (const [i, task] of tasks.entries()) {
      const row = existing[i];
      const problem = obstacle(update, task, row);
      if (problem !== undefined) quarantined.push({ file: String(task.metadata.path), id: task.id, reason: problem });
      else kept.add(task.id);
      if (problem === undefined && (row === undefined || contentOf(row.metadata) !== contentOf(task.metadata))) {
        if (row !== undefined) changing.add(task.id);
        yield task;
        continue;
      }
      meter.done++;
      if (problem !== undefined || row === undefined) continue;
      if (isDeepStrictEqual(row.metadata, task.metadata)) changes.unchanged++;
      else described.push({ ...row, metadata: task.metadata });
    }
    const { written, rejected } = await index.store.upsert(described);
    changes.described += written;
    for (const { id, error } of rejected) quarantined.push({ file: source.place, id, reason: error.message });
    if (meter.done !== settled) report();
  }
}

/** The rows that the index had of some ids. */
async function rowsOf(
  { index, fresh }: Update,
  items: readonly { readonly id: string }[],
): Promise<(Row | undefined)[]> {
  return fresh ? items.map(() => undefined) : index.store.get(items.map(({ id }) => id));
}

/** Why a row cannot be taken in, if so. */
function obstacle({ source, kept }: Update, { id }: Task, row: Row | undefined): string | undefined {
  if (kept.has(id)) return 'its id is given twice';
  if (row === undefined || row.metadata.source === source.place) return undefined;
  return `its id belongs to a picture from ${String(row.metadata.source)}`;
}

/** Removes the rows of the source that it no longer wants. */
async function removeGone({ index, source, kept, images, captions }: Update): Promise<void> {
  const gone: { id: string; metadata: Metadata }[] = [];
  for await (const { id, metadata } of index.store.scan({ source: source.place })) {
    if (!kept.has(id)) gone.push({ id, metadata });
  }
  await index.store.delete(gone.map(({ id }) => id));
  for (const { metadata } of gone) (metadata.kind === 'caption' ? captions : images).removed++;
}
