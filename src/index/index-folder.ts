/** @file An index on disk: versions side by side, each a store with what it was built from, and which one is in use. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DiptychError, isDiptychError } from '../errors/error.ts';
import { readJson, writeJson } from '../files/json.ts';
import { flat } from './flat/flat-store.ts';
import { lance } from './lance/lance-store.ts';
import type { NewStore, OpenStore, Store, StoreKind } from './store.ts';
import { accelerate } from './usearch/accelerated.ts';
import { mirrorOf, removeUnused } from './usearch/mirror.ts';

/** The kinds of stores there are. */
const kinds = { flat, lance } satisfies Record<string, StoreKind>;

/** The name of a kind of store. */
export type StoreName = keyof typeof kinds;

function isKind(name: string): name is StoreName {
  return Object.hasOwn(kinds, name);
}

const FORMAT = 1;
const currentSchema = z.object({ format: z.literal(FORMAT), current: z.string() });

const settingsSchema = z.object({
  /** Kind of the store. */
  kind: z.string(),
  /** Whether captions have rows of their own, so that they can be found. */
  captions: z.boolean(),
  /** What was indexed, so that an update knows which rows belong to it. */
  sources: z.array(z.object({ kind: z.enum(['folder', 'dataset', 'list']), place: z.string(), prefix: z.string() })),
  /** What was asked for last of its graph: the recall@10, and the bytes that it may take. */
  graph: z
    .object({
      recall: z.number().optional(),
      memory: z.number().optional(),
      /** So many rows, and more, have no graph that fits. */
      tooMany: z.int().optional(),
    })
    .optional(),
});
export type IndexSettings = Readonly<z.infer<typeof settingsSchema>>;

/** An index that is open. */
export interface Index {
  readonly folder: string;
  /** Name of the version that is open, such as `v1`. */
  readonly version: string;
  readonly store: Store;
}

/** Absolute or relative path of the folder of a version. */
export function versionFolder({ folder, version }: Pick<Index, 'folder' | 'version'>): string {
  return join(folder, version);
}

/**
 * Opens the version of an index that is in use.
 *
 * @throws DIPTYCH_INDEX_MISSING, _DAMAGED, _FORMAT, _LOCKED, _FINGERPRINT, _LANCE_MISSING
 */
export async function openIndex(folder: string, options: OpenStore = {}): Promise<Index> {
  for (let version = await currentVersion(folder); ; ) {
    try {
      return await openVersion(folder, version, options);
    } catch (cause) {
      // A version that is gone was replaced between the two looks.
      const newer = await currentVersion(folder);
      if (!isDiptychError(cause, 'DIPTYCH_INDEX_MISSING') || newer === version) throw cause;
      version = newer;
    }
  }
}

/** @throws DIPTYCH_INDEX_MISSING, DIPTYCH_INDEX_DAMAGED */
async function currentVersion(folder: string): Promise<string> {
  const version = await versionInUse(folder);
  if (version === undefined) throw new DiptychError('DIPTYCH_INDEX_MISSING', { path: folder });
  return version;
}

/** Opens one version, whether it is in use or not. @throws what `openIndex` throws */
export async function openVersion(folder: string, version: string, options: OpenStore = {}): Promise<Index> {
  const place = versionFolder({ folder, version });
  const settings = await readSettings({ folder, version });
  if (!isKind(settings.kind)) {
    throw new DiptychError('DIPTYCH_INDEX_FORMAT', { path: place, format: settings.kind, known: Object.keys(kinds) });
  }
  const { write = false } = options;
  const store = await kinds[settings.kind].open(place, options);
  if (write) await removeUnused(mirrorOf(place));
  return { folder, version, store: await accelerate(place, store, write) };
}

/** What a version was built from. @throws DIPTYCH_INDEX_MISSING, DIPTYCH_INDEX_DAMAGED */
export async function readSettings(index: Pick<Index, 'folder' | 'version'>): Promise<IndexSettings> {
  const path = versionFolder(index);
  const settings = await readOwn(join(path, 'settings.json'), settingsSchema);
  if (settings === undefined) throw new DiptychError('DIPTYCH_INDEX_MISSING', { path });
  return settings;
}

/** Reads one of an index's own JSON files; undefined if it is not there. @throws DIPTYCH_INDEX_DAMAGED */
async function readOwn<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  return readJson(path, schema).catch((cause) => {
    if (isDiptychError(cause, 'DIPTYCH_FILE_MISSING')) return undefined;
    if (isDiptychError(cause, 'DIPTYCH_FILE_UNREADABLE')) {
      if (cause.fields.reason === 'ENOTDIR') return undefined;
      throw cause;
    }
    throw new DiptychError('DIPTYCH_INDEX_DAMAGED', { path, reason: cause.message }, { cause });
  });
}

/**
 * Makes a version that is not in use yet, open for writing. One that was begun for the same model and never came into
 * use is taken up again.
 *
 * @param kind of its store, unlike those of `createIndex` flat unless told
 * @throws DIPTYCH_INDEX_LOCKED if another process is building it, DIPTYCH_INDEX_LANCE_MISSING, DIPTYCH_FILE_UNWRITABLE
 */
export async function beginVersion(folder: string, options: NewStore, kind: StoreName = 'flat'): Promise<Index> {
  const current = (await versionInUse(folder)) ?? 'v0';
  const later = (await versionsIn(folder)).filter((version) => numberOf(version) > numberOf(current));
  for (const version of later) {
    const begun = await takeUp(folder, version, kind, options);
    if (begun !== undefined) return begun;
  }
  const version = `v${Math.max(numberOf(current), ...later.map(numberOf)) + 1}`;
  const place = versionFolder({ folder, version });
  const store = await kinds[kind].create(place, options);
  await writeSettings({ folder, version }, { kind, captions: false, sources: [] });
  return { folder, version, store: await accelerate(place, store, true) };
}

/** A version that was begun, if it is whole and was begun in the same way. */
async function takeUp(
  folder: string,
  version: string,
  kind: StoreName,
  { fingerprint, dtype = 'float32' }: NewStore,
): Promise<Index | undefined> {
  const begun = await openVersion(folder, version, { write: true, fingerprint }).catch((cause) => {
    if (isDiptychError(cause, 'DIPTYCH_INDEX_LOCKED') || !isDiptychError(cause)) throw cause;
    return undefined;
  });
  if (begun === undefined) return undefined;
  const manifest = begun.store.manifest();
  if (manifest.dtype === dtype && manifest.kind === kind) return begun;
  await begun.store.close();
  return undefined;
}

/** The version in use; undefined if there is none. */
export async function versionInUse(folder: string): Promise<string | undefined> {
  return (await readOwn(join(folder, 'current.json'), currentSchema))?.current;
}

/**
 * Puts a version into use: from now on it is what `openIndex` opens. The one before stays until the next switch, for readers
 * that have it open; older ones are removed, and those that were begun and never came into use.
 */
export async function switchTo({ folder, version }: Index): Promise<void> {
  const before = await versionInUse(folder);
  if (before === version) return;
  await writeJson(join(folder, 'current.json'), { format: FORMAT, current: version } satisfies z.infer<
    typeof currentSchema
  >);
  for (const other of await versionsIn(folder)) {
    if (other !== version && other !== before) await rm(join(folder, other), { recursive: true, force: true });
  }
}

/** Writes what a version was built from. Only the holder of its lock may. @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeSettings(index: Pick<Index, 'folder' | 'version'>, settings: IndexSettings): Promise<void> {
  await writeJson(join(versionFolder(index), 'settings.json'), settings);
}

/** The versions that lie in a folder, oldest first. */
export async function versionsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^v[1-9]\d*$/.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
}

function numberOf(version: string): number {
  return Number(version.slice(1));
}
