/** @file One version of a flat store as it is read: never changed, so that a search sees one version from start to end. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { damaged } from '../manifest-file.ts';
import { AppendFile } from './append-file.ts';
import { emptyExtent, type FlatManifest, readManifest, type SegmentEntry } from './manifest.ts';
import { type Place, placeOf, rowOf, segmentOf } from './place.ts';
import { fileName, Segment } from './segment.ts';
import type { Budget } from './vector-file.ts';

/** A segment as of one version. */
export interface Part {
  readonly entry: SegmentEntry;
  readonly segment: Segment;
  /** 1 for each row that was deleted; undefined if none was. */
  readonly dead: Uint8Array | undefined;
}

export interface Snapshot {
  readonly manifest: FlatManifest;
  readonly parts: readonly Part[];
  /** Where deletions are recorded; undefined until the first. */
  readonly deletions: AppendFile | undefined;
}

/** What all snapshots of an open store share. */
export interface Shared {
  readonly folder: string;
  readonly write: boolean;
  readonly segmentRows: number;
  readonly budget: Budget;
  /** Memory for ids and metadata. */
  readonly textBudget: Budget;
}

/** How many of the rows on disk are deleted. */
export function deadIn({ manifest, parts }: Snapshot): number {
  return parts.reduce((sum, { entry }) => sum + entry.rows, 0) - manifest.rows;
}

/** The same parts with more rows deleted. Masks are copied: older versions keep theirs. */
export function withDeaths(parts: readonly Part[], deaths: Iterable<Place>): Part[] {
  const rowsOf = new Map<number, number[]>();
  for (const place of deaths) {
    const rows = rowsOf.get(segmentOf(place));
    if (rows === undefined) rowsOf.set(segmentOf(place), [rowOf(place)]);
    else rows.push(rowOf(place));
  }
  return parts.map((part) => {
    const rows = rowsOf.get(part.entry.number);
    if (rows === undefined) return part;
    const dead = new Uint8Array(part.entry.rows);
    if (part.dead !== undefined) dead.set(part.dead);
    for (const row of rows) dead[row] = 1;
    return { ...part, dead };
  });
}

/** The bytes that record deletions: pairs (segment number, row) of 32-bit integers. */
export function encodeDeaths(deaths: readonly Place[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(deaths.flatMap((place) => [segmentOf(place), rowOf(place)])).buffer);
}

/**
 * Reads the newest version. Segments that an older snapshot has open are taken over from it.
 *
 * @throws DIPTYCH_INDEX_MISSING, DIPTYCH_INDEX_FORMAT, DIPTYCH_INDEX_DAMAGED
 */
export async function readSnapshot(shared: Shared, older?: Snapshot): Promise<Snapshot> {
  for (let manifest = await readManifest(shared.folder); ; ) {
    try {
      return await openSnapshot(shared, manifest, older);
    } catch (cause) {
      // Files that are gone because the writer has compacted meanwhile belong to an older version than there is now.
      const newer = await readManifest(shared.folder);
      if (newer.version === manifest.version) throw cause;
      manifest = newer;
    }
  }
}

async function openSnapshot(shared: Shared, manifest: FlatManifest, older: Snapshot | undefined): Promise<Snapshot> {
  const { folder, write } = shared;
  const sameStore = older?.manifest.created === manifest.created;
  const had = new Map((sameStore ? older : undefined)?.parts.map(({ segment }) => [segment.number, segment]));
  const opened: Segment[] = [];
  let deletions: AppendFile | undefined;
  try {
    const parts: Part[] = [];
    for (const entry of manifest.segments) {
      let segment = had.get(entry.number);
      if (segment === undefined) {
        segment = await Segment.open(shared, manifest, entry);
        opened.push(segment);
      }
      parts.push({ entry, segment, dead: undefined });
    }
    const { number, pairs } = manifest.deleted;
    if (number === 0) return { manifest, parts, deletions };
    deletions = await AppendFile.open(join(folder, fileName(number, 'deleted')), pairs, write);
    return { manifest, parts: withDeaths(parts, await readDeaths(deletions, manifest)), deletions };
  } catch (cause) {
    for (const segment of opened) await segment.release();
    await deletions?.close();
    throw cause;
  }
}

async function readDeaths(file: AppendFile, manifest: FlatManifest): Promise<Place[]> {
  const rows = new Map(manifest.segments.map((entry) => [entry.number, entry.rows]));
  const { pairs } = manifest.deleted;
  const numbers = new Uint32Array(Math.ceil(pairs.bytes / 4));
  await file.load(new Uint8Array(numbers.buffer), emptyExtent, pairs);
  const deaths: Place[] = [];
  for (let i = 0; i < numbers.length; i += 2) {
    if (!(numbers[i + 1] < (rows.get(numbers[i]) ?? 0))) throw damaged(file.path, 'names a row that is not there');
    deaths.push(placeOf(numbers[i], numbers[i + 1]));
  }
  return deaths;
}

/** Removes files that no version names: left by a writer that died. Only the holder of the lock may. */
export async function removeStrays(folder: string, { manifest }: Snapshot): Promise<void> {
  const named = new Set([fileName(manifest.deleted.number, 'deleted')]);
  for (const { number } of manifest.segments) named.add(fileName(number, 'vectors')).add(fileName(number, 'rows'));
  for (const name of await readdir(folder)) {
    const ours = /^\d{8,}\.(vectors|rows|deleted)$/.test(name) || /^manifest\.json\..*\.tmp$/.test(name);
    if (ours && !named.has(name)) await rm(join(folder, name), { force: true });
  }
}

/** Closes what a snapshot has open, but for what another one goes on using. */
export async function releaseSnapshot(snapshot: Snapshot, next?: Snapshot): Promise<void> {
  const kept = new Set(next?.parts.map(({ segment }) => segment));
  for (const { segment } of snapshot.parts) if (!kept.has(segment)) await segment.release();
  if (snapshot.deletions !== next?.deletions) await snapshot.deletions?.close();
}
