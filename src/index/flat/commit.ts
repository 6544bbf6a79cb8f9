/** @file Making the next version: rows and deletions are written behind what is there, then the manifest is replaced. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withFields } from '../rows.ts';
import type { Row } from '../store.ts';
import { AppendFile } from './append-file.ts';
import { emptyExtent, type FlatManifest, writeManifest } from './manifest.ts';
import { type Place, placeOf } from './place.ts';
import { rowBatches } from './read.ts';
import { fileName, Segment } from './segment.ts';
import { encodeDeaths, type Part, type Shared, type Snapshot, withDeaths } from './snapshot.ts';

/** What the next version has that this one has not. */
export interface Change {
  readonly rows: readonly Row[];
  /** Rows to delete. */
  readonly deaths: readonly Place[];
}

/** What is written meanwhile, so that a failure can take it back. */
interface Draft {
  manifest: FlatManifest;
  parts: Part[];
  deletions: AppendFile | undefined;
  readonly made: Segment[];
  /** What was written to and must be on disk before the manifest says so. */
  readonly written: Set<Segment | AppendFile>;
}

/**
 * Writes a change and commits it. A crash or a failure at any moment leaves the version before.
 *
 * @returns the new version and where each new row lies in it
 * @throws DIPTYCH_FILE_UNWRITABLE
 */
export async function commit(
  shared: Shared,
  snapshot: Snapshot,
  change: Change,
): Promise<{ snapshot: Snapshot; places: Place[] }> {
  const draft: Draft = {
    manifest: snapshot.manifest,
    parts: [...snapshot.parts],
    deletions: snapshot.deletions,
    made: [],
    written: new Set(),
  };
  try {
    const places = await appendRows(shared, draft, change.rows);
    await appendDeaths(shared, draft, change.deaths);
    const fields = withFields(draft.manifest.fields, change.rows);
    const rows = draft.manifest.rows + change.rows.length - change.deaths.length;
    draft.manifest = { ...draft.manifest, fields, rows };
    return { snapshot: await conclude(shared, draft), places };
  } catch (cause) {
    for (const segment of draft.made) await segment.release();
    if (draft.deletions !== snapshot.deletions) await draft.deletions?.close();
    throw cause;
  }
}

/** Makes the files of a draft durable, then replaces the manifest by its own. */
async function conclude(shared: Shared, { manifest, parts, deletions, written }: Draft): Promise<Snapshot> {
  for (const file of written) await file.sync();
  const next: FlatManifest = {
    ...manifest,
    version: manifest.version + 1,
    segments: parts.map(({ entry }) => entry),
    updated: new Date().toISOString(),
  };
  await writeManifest(shared.folder, next);
  return { manifest: next, parts, deletions };
}

async function appendRows(shared: Shared, draft: Draft, rows: readonly Row[]): Promise<Place[]> {
  const places: Place[] = [];
  for (let done = 0; done < rows.length; ) {
    const last = draft.parts.at(-1);
    const part = last !== undefined && last.entry.rows < shared.segmentRows ? last : await startPart(shared, draft);
    const batch = rows.slice(done, done + shared.segmentRows - part.entry.rows);
    const entry = await part.segment.append(
      part.entry,
      batch,
      batch.map(({ vector }) => vector),
    );
    draft.written.add(part.segment);
    for (let row = part.entry.rows; row < entry.rows; row++) places.push(placeOf(entry.number, row));
    draft.parts[draft.parts.length - 1] = { ...part, entry };
    done += batch.length;
  }
  return places;
}

async function startPart(shared: Shared, draft: Draft): Promise<Part> {
  const segment = await Segment.create(shared, draft.manifest, draft.manifest.nextNumber);
  const part = { entry: segment.empty, segment, dead: undefined };
  draft.made.push(segment);
  draft.parts.push(part);
  draft.manifest = { ...draft.manifest, nextNumber: draft.manifest.nextNumber + 1 };
  return part;
}

async function appendDeaths(shared: Shared, draft: Draft, deaths: readonly Place[]): Promise<void> {
  if (deaths.length === 0) return;
  let { number, pairs } = draft.manifest.deleted;
  if (draft.deletions === undefined) {
    number = draft.manifest.nextNumber;
    pairs = emptyExtent;
    draft.manifest = { ...draft.manifest, nextNumber: number + 1 };
    draft.deletions = await AppendFile.create(join(shared.folder, fileName(number, 'deleted')));
  }
  pairs = await draft.deletions.append(pairs, encodeDeaths(deaths));
  draft.written.add(draft.deletions);
  draft.manifest = { ...draft.manifest, deleted: { number, pairs } };
  draft.parts = withDeaths(draft.parts, deaths);
}

/**
 * Writes the rows that are left of segments with deleted rows, and of segments that are not full, into new
 * segments, and commits those in their place. The old files go after that.
 *
 * @throws DIPTYCH_INDEX_DAMAGED before anything is changed, DIPTYCH_FILE_UNWRITABLE
 */
export async function compact(shared: Shared, snapshot: Snapshot): Promise<Snapshot> {
  const isWhole = ({ entry, dead }: Part): boolean => dead === undefined && entry.rows >= shared.segmentRows;
  const worn = snapshot.parts.filter((part) => !isWhole(part));
  if (worn.length === 0 || (worn.length === 1 && worn[0].dead === undefined)) return snapshot;
  const manifest = { ...snapshot.manifest, deleted: { number: 0, pairs: emptyExtent } };
  const draft: Draft = {
    manifest,
    parts: snapshot.parts.filter(isWhole),
    deletions: undefined,
    made: [],
    written: new Set(),
  };
  try {
    for (const part of worn) {
      await part.segment.vectors.file.verify(part.entry.vectors);
      for await (const { rows } of rowBatches([part])) await appendRows(shared, draft, rows);
    }
    const next = await conclude(shared, draft);
    await removeOld(snapshot, worn);
    return next;
  } catch (cause) {
    for (const segment of draft.made) await segment.release();
    throw cause;
  }
}

/** Removes files that the newest version does not name. One that cannot be removed now goes when a writer opens the store. */
async function removeOld({ deletions }: Snapshot, parts: readonly Part[]): Promise<void> {
  const files = parts.flatMap(({ segment }) => [segment.vectors.file, segment.lines.file]);
  if (deletions !== undefined) files.push(deletions);
  for (const { path } of files) await rm(path, { force: true }).catch(() => {});
}
