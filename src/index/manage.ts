/** @file What one does with an index: create, add, update, remove, ask, check. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DiptychError } from '../errors/error.ts';
import { bringUpToDate, type UpdateOptions, type UpdateReport } from './build.ts';
import type { Encoder } from './encoder.ts';
import { asksNothing, type Filter } from './filter.ts';
import {
  beginVersion,
  type Index,
  openIndex,
  readSettings,
  type StoreName,
  switchTo,
  versionFolder,
  versionInUse,
  writeSettings,
} from './index-folder.ts';
import { whyNoLance } from './lance/binding.ts';
import { readQuarantine } from './quarantine.ts';
import type { Source } from './source.ts';
import type { Damage, Store, StoreManifest } from './store.ts';
import { acceleratedOf } from './usearch/accelerated.ts';
import { EXACT_PRODUCTS, type GraphOptions, type GraphReport } from './usearch/build.ts';
import type { GraphFile } from './usearch/graph-file.ts';

export interface CreateOptions extends UpdateOptions, Omit<GraphOptions, 'progress' | 'signal'> {
  /** How vectors are kept. Default float32. */
  readonly dtype?: 'float32' | 'float16' | undefined;
  /** What keeps the rows. Default `lance` where LanceDB is installed, else `flat`. */
  readonly store?: StoreName | undefined;
  /** Builds a new version beside the one in use and switches over when it is finished. Default false. */
  readonly replace?: boolean | undefined;
}

/**
 * Makes an index of sources. It comes into use when all of them are in it; killed before, the same call goes on.
 *
 * @returns a report for each source
 * @throws DIPTYCH_INDEX_EXISTS unless `replace`, and what `bringUpToDate` throws
 */
export async function createIndex(
  folder: string,
  encoder: Encoder,
  sources: readonly Source[],
  options: CreateOptions = {},
): Promise<UpdateReport[]> {
  if (options.replace !== true && (await versionInUse(folder)) !== undefined) {
    throw new DiptychError('DIPTYCH_INDEX_EXISTS', { path: folder });
  }
  const { fingerprint, dimension } = encoder;
  const kind = options.store ?? (await defaultStore()).kind;
  const index = await beginVersion(folder, { fingerprint, dimension, dtype: options.dtype }, kind);
  try {
    const reports: UpdateReport[] = [];
    for (const source of sources) reports.push(await bringUpToDate(index, encoder, source, options));
    if (reports.every(({ complete }) => complete)) {
      // Who stops now has all rows: the graph is finished too.
      await chooseGraph(index, { ...options, signal: undefined });
      await switchTo(index);
    }
    return reports;
  } finally {
    await index.store.close();
  }
}

/** Brings an index up to date with a source; with `remove: false` it only adds. @throws what `openIndex` and `bringUpToDate` throw */
export async function updateIndex(
  folder: string,
  encoder: Encoder,
  source: Source,
  options: UpdateOptions = {},
): Promise<UpdateReport> {
  return writing(folder, async (index) => {
    const report = await bringUpToDate(index, encoder, source, options);
    if (report.complete && isBehind(index.store)) await keepUp(index, { progress: options.progress });
    return report;
  });
}

/** The kind of store that a new index gets unless told otherwise, and why. */
export async function defaultStore(): Promise<{ readonly kind: StoreName; readonly why: string }> {
  const reason = await whyNoLance();
  return reason === undefined
    ? { kind: 'lance', why: 'LanceDB is installed' }
    : { kind: 'flat', why: `LanceDB is not installed (${reason})` };
}

/**
 * Chooses anew how an index is searched: measures on its own rows what reaches the recall within the memory.
 *
 * @param options recall and memory are what was asked for last unless given; at first 0.99 and 2 GiB
 * @throws what `openIndex` throws
 */
export async function optimizeIndex(folder: string, options: GraphOptions = {}): Promise<GraphReport> {
  return writing(folder, async (index) => {
    await index.store.compact();
    return chooseGraph(index, options);
  });
}

/** Builds the graph that is asked for, or none; what is not said is as it was asked for last. Remembers what was. */
async function chooseGraph(index: Index, options: GraphOptions): Promise<GraphReport> {
  const accelerated = acceleratedOf(index.store)!;
  // Settings of before do not say it, but a graph does.
  const last = (await readSettings(index)).graph ?? accelerated.graph()?.wanted;
  const { recall = last?.recall, memory = last?.memory, exactProducts = EXACT_PRODUCTS } = options;
  const { rows, dimension } = index.store.manifest();
  const report = await accelerated.optimize({ ...options, recall, memory });
  const fits = report.graph !== undefined || rows * dimension <= exactProducts;
  await writeSettings(index, {
    ...(await readSettings(index)),
    graph: { recall, memory, ...(!fits && { tooMany: rows }) },
  });
  for (const reason of report.reasons) options.progress?.note(reason);
  return report;
}

/** Whether so many rows have come and gone that searches had better have another graph: they look at these one by one. */
export function isBehind(store: Store): boolean {
  const accelerated = acceleratedOf(store)!;
  const { rows, dimension } = store.manifest();
  if (accelerated.graph() === undefined) return rows * dimension > EXACT_PRODUCTS;
  return accelerated.drift() > Math.max(5000, rows / 10);
}

/** Builds the graph of an index that is behind again, as it was asked for last; nothing where none would fit. */
export async function keepUp(index: Index, options: Pick<GraphOptions, 'progress' | 'signal'> = {}): Promise<void> {
  const { tooMany = Infinity } = (await readSettings(index)).graph ?? {};
  if (index.store.manifest().rows < tooMany) await chooseGraph(index, options);
}

/**
 * Removes items and their captions: those of the ids and those that match. Their files are left alone.
 *
 * @returns how many rows went, captions too; unknown ids are passed over
 * @throws DIPTYCH_FILTER_EMPTY for a filter that names no condition; `{"kind": {"exists": true}}` says that all are meant
 */
export async function removeFromIndex(
  folder: string,
  which: { readonly ids?: readonly string[]; readonly filter?: Filter },
): Promise<number> {
  return writing(folder, ({ store }) => removeRows(store, which));
}

/** The same in a store that is open for writing. */
export async function removeRows(store: Store, which: Parameters<typeof removeFromIndex>[1]): Promise<number> {
  if (which.filter !== undefined && asksNothing(which.filter)) throw new DiptychError('DIPTYCH_FILTER_EMPTY', {});
  const ids = new Set(which.ids);
  if (which.filter !== undefined) for await (const { id } of store.scan(which.filter)) ids.add(id);
  if (ids.size === 0) return 0;
  const captions: string[] = [];
  for await (const { id, metadata } of store.scan({ kind: 'caption' })) {
    if (ids.has(String(metadata.image))) captions.push(id);
  }
  return store.delete([...ids, ...captions]);
}

async function writing<T>(folder: string, task: (index: Index) => Promise<T>): Promise<T> {
  const index = await openIndex(folder, { write: true });
  try {
    return await task(index);
  } finally {
    await index.store.close();
  }
}

/** What an index says of itself. */
export interface IndexInfo extends StoreManifest {
  readonly folder: string;
  readonly versionInUse: string;
  readonly images: number;
  readonly captions: number;
  readonly sources: readonly {
    readonly kind: string;
    readonly place: string;
    readonly prefix: string;
    readonly rows: number;
  }[];
  readonly quarantined: readonly { readonly file: string; readonly reason: string }[];
  /** How it is searched: what is known of its graph, with the recall that was measured; null if all rows are tried. */
  readonly graph: Omit<GraphFile, 'format' | 'created' | 'covered' | 'file' | 'checksum'> | null;
  /** Bytes on disk. */
  readonly bytes: number;
}

/** @throws what `openIndex` throws */
export async function indexInfo(folder: string): Promise<IndexInfo> {
  const index = await openIndex(folder);
  try {
    const { store } = index;
    const settings = await readSettings(index);
    const captions = await store.count({ kind: 'caption' });
    const sources = [];
    for (const source of settings.sources)
      sources.push({ ...source, rows: await store.count({ source: source.place }) });
    const manifest = store.manifest();
    return {
      ...manifest,
      folder,
      versionInUse: index.version,
      images: manifest.rows - captions,
      captions,
      sources,
      quarantined: await readQuarantine(versionFolder(index)),
      graph: graphInfo(store),
      bytes: await sizeOf(versionFolder(index)),
    };
  } finally {
    await index.store.close();
  }
}

function graphInfo(store: Store): IndexInfo['graph'] {
  const file = acceleratedOf(store)?.graph();
  if (file === undefined) return null;
  const { format, created, covered, file: name, checksum, ...told } = file;
  return told;
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

export interface CheckReport {
  readonly rows: number;
  /** Nothing if all is well. */
  readonly damages: readonly Damage[];
}

/**
 * Reads all of an index: checksums (of its graph too), counts, ids each there once, vectors finite and of unit length, captions whose
 * picture is there, and the model if a fingerprint is given.
 *
 * @throws what `openIndex` throws
 */
export async function checkIndex(folder: string, fingerprint?: string): Promise<CheckReport> {
  const { store } = await openIndex(folder, { fingerprint });
  try {
    const damages = await store.verify();
    if (damages.length === 0) damages.push(...(await orphans(folder, store)));
    return { rows: store.manifest().rows, damages };
  } finally {
    await store.close();
  }
}

/** Captions whose picture is not in the index. */
async function orphans(folder: string, store: Store): Promise<Damage[]> {
  const captions: { id: string; image: string }[] = [];
  const ids = new Set<string>();
  for await (const { id, metadata } of store.scan()) {
    if (metadata.kind === 'caption') captions.push({ id, image: String(metadata.image) });
    else ids.add(id);
  }
  const lost = captions.filter(({ image }) => !ids.has(image));
  return lost.map(({ id, image }) => ({
    place: `${folder}: ${id}`,
    reason: `a caption of ${image}, which is not there`,
  }));
}
