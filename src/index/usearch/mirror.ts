/**
 * @file A flat copy of a store of another kind, beside it: what a graph scores and filters on. It is written by whoever
 * writes the store, right after it, and says of which version it is the copy.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isDiptychError } from '../../errors/error.ts';
import { readJson, writeJson } from '../../files/json.ts';
import { createFlatStore, type FlatStore, openFlatStore } from '../flat/flat-store.ts';
import type { Row, Store, StoreManifest } from '../store.ts';
import { readGraphFile } from './graph-file.ts';

/** A store that can tell what came after a version. */
export interface Traced extends Store {
  /** Rows that were written after a version. */
  changedSince(version: number): AsyncIterable<Row>;
  ids(): Promise<ReadonlySet<string>>;
}

/** Rows that are copied at once. */
const BATCH = 4096;

const stateSchema = z.strictObject({
  /** Version of the store, and when that was made. */
  of: z.int(),
  created: z.string(),
  /** The version of the copy that is its copy. */
  version: z.int(),
});
type State = z.infer<typeof stateSchema>;

function statePath(folder: string): string {
  return join(folder, 'mirror.json');
}

async function readState(folder: string): Promise<State | undefined> {
  return readJson(statePath(folder), stateSchema).catch(() => undefined);
}

/** Notes that the copy is one of the store as it is now. */
export async function noteCopy(folder: string, store: StoreManifest, copy: StoreManifest): Promise<void> {
  const state: State = { of: store.version, created: store.created, version: copy.version };
  await writeJson(statePath(folder), state);
}

/** Whether a copy is one of this version of the store. */
export async function isCopy(folder: string, store: StoreManifest, copy: StoreManifest): Promise<boolean> {
  const state = await readState(folder);
  return state?.of === store.version && state.created === store.created && state.version === copy.version;
}

/** Opens the copy; undefined if there is none that can be used. */
export async function openMirror(folder: string, write: boolean): Promise<FlatStore | undefined> {
  try {
    return pinned(await openFlatStore(folder, { write }));
  } catch (cause) {
    // It is made again from the store whenever it is missing or damaged.
    if (isDiptychError(cause) && cause.code !== 'DIPTYCH_INDEX_LOCKED') return undefined;
    throw cause;
  }
}

/** A copy has the versions that it is noted to have, and is compacted only with its graph. */
function pinned(copy: FlatStore): FlatStore {
  copy.pin(true);
  return copy;
}

/** Where the copy of a store lies. @param folder of the store */
export function mirrorOf(folder: string): string {
  return join(folder, 'mirror');
}

/** Makes the copy anew. */
export async function makeMirror(folder: string, store: Traced): Promise<FlatStore> {
  await rm(folder, { recursive: true, force: true });
  const { fingerprint, dimension, dtype } = store.manifest();
  const copy = pinned(await createFlatStore(folder, { fingerprint, dimension, dtype }));
  await copyRows(store.scan(), copy);
  await noteCopy(folder, store.manifest(), copy.manifest());
  return copy;
}

/**
 * Removes a copy whose graph is gone: all that it does then is take disk. For who has the store open for writing and the copy closed.
 * Other processes look at no copy without a graph, and those that were at work with it have its files open; what a crash leaves of it
 * goes the next time.
 */
export async function removeUnused(folder: string): Promise<void> {
  // With a graph that is damaged it stays, for `verify` to tell.
  const graph = await readGraphFile(folder).catch(() => null);
  if (graph === undefined) await rm(folder, { recursive: true, force: true }).catch(() => {});
}

/** Brings a copy that fell behind to where the store is. */
export async function catchUp(folder: string, store: Traced, copy: FlatStore): Promise<void> {
  const manifest = store.manifest();
  const state = await readState(folder);
  // What the copy holds beyond the version it says it is of is written over with the same rows.
  const since = state?.created === manifest.created ? Math.min(state.of, manifest.version) : 0;
  await copyRows(store.changedSince(since), copy);
  const ids = await store.ids();
  const gone: string[] = [];
  for await (const { id } of copy.scan()) if (!ids.has(id)) gone.push(id);
  await copy.delete(gone);
  await noteCopy(folder, manifest, copy.manifest());
}

async function copyRows(rows: AsyncIterable<Row>, copy: FlatStore): Promise<void> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    await copy.upsert(batch);
    batch = [];
  }
  await copy.upsert(batch);
}
