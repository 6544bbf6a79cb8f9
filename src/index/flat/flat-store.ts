/** @file The flat store: exact search over vectors in files of our own, each change committed by replacing one manifest. */
import { mkdir } from 'node:fs/promises';
import { DiptychError } from '../../errors/error.ts';
import { unwritable } from '../../files/failures.ts';
import { checkCount, checkSearch, sift, worthCompacting } from '../batch.ts';
import type { Filter } from '../filter.ts';
import { type Lock, locked } from '../lock.ts';
import { hasManifest, publicManifest, requireModel } from '../manifest-file.ts';
import { unitVector } from '../rows.ts';
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
import { type Change, commit, compact } from './commit.ts';
import { newManifest, readManifest, writeManifest } from './manifest.ts';
import { MOST_ROWS, type Place } from './place.ts';
import { countRows, movesBetween, placesById, rowAt, rowBatches, searchRows } from './read.ts';
import { deadIn, readSnapshot, releaseSnapshot, removeStrays, type Shared, type Snapshot } from './snapshot.ts';
import { verifySnapshot } from './verify.ts';

/** What can be set besides what every store has. */
export interface FlatOptions {
  /**
   * Bytes of vectors kept in memory; what is beyond is read from disk by every search. Default 2 GiB. Ids and metadata
   * may take an eighth of it more.
   */
  readonly memory?: number | undefined;
  /** Rows of a segment. Small ones make many files, large ones make compaction slow. Default 65,536, at most 2^20. */
  readonly segmentRows?: number | undefined;
}

/** The flat store as one of the kinds of stores. */
export const flat: StoreKind = { kind: 'flat', create: createFlatStore, open: openFlatStore };

/**
 * Makes a flat store and opens it for writing.
 *
 * @throws DIPTYCH_INDEX_EXISTS, DIPTYCH_INDEX_LOCKED, DIPTYCH_INDEX_OPTION, DIPTYCH_FILE_UNWRITABLE
 */
export async function createFlatStore(folder: string, options: NewStore & FlatOptions): Promise<FlatStore> {
  const { fingerprint, dimension, dtype = 'float32' } = options;
  checkCount('dimension', dimension, 1 << 20);
  await mkdir(folder, { recursive: true }).catch((cause) => Promise.reject(unwritable(folder, cause)));
  return locked(folder, async (lock) => {
    if (await hasManifest(folder)) throw new DiptychError('DIPTYCH_INDEX_EXISTS', { path: folder });
    await writeManifest(folder, newManifest({ fingerprint, dimension, dtype }));
    return openWith(folder, options, lock);
  });
}

/**
 * Opens a flat store.
 *
 * @throws DIPTYCH_INDEX_MISSING, _DAMAGED, _FORMAT, _FINGERPRINT, and _LOCKED for a second writer
 */
export async function openFlatStore(folder: string, options: OpenStore & FlatOptions = {}): Promise<FlatStore> {
  if (options.write !== true) return openWith(folder, options, undefined);
  if (!(await hasManifest(folder))) throw new DiptychError('DIPTYCH_INDEX_MISSING', { path: folder });
  return locked(folder, (lock) => openWith(folder, options, lock));
}

async function openWith(folder: string, options: OpenStore & FlatOptions, lock: Lock | undefined): Promise<FlatStore> {
  const { segmentRows = 65_536, memory = 2 ** 31 } = options;
  checkCount('segmentRows', segmentRows, MOST_ROWS);
  const shared: Shared = {
    folder,
    write: lock !== undefined,
    segmentRows,
    budget: { bytes: memory },
    textBudget: { bytes: memory / 8 },
  };
  const snapshot = await readSnapshot(shared);
  try {
    requireModel(folder, snapshot.manifest, options.fingerprint);
  } catch (cause) {
    await releaseSnapshot(snapshot);
    throw cause;
  }
  if (lock !== undefined) await removeStrays(folder, snapshot);
  return new FlatStore(shared, snapshot, lock);
}

export class FlatStore implements Store {
  private readonly shared: Shared;
  private readonly lock: Lock | undefined;
  private readonly changing = new Serial();
  private snapshot: Snapshot;
  /** Where each id is, of the newest snapshot; made when first needed. */
  private places: Promise<Map<string, Place>> | undefined;
  /** Whether rows stay where they are, because a graph names their places. */
  private pinned = false;
  /** Deleted rows that it failed to free. */
  private stuck = 0;
  private closing: Promise<void> | undefined;
  private closed = false;

  constructor(shared: Shared, snapshot: Snapshot, lock: Lock | undefined) {
    this.shared = shared;
    this.snapshot = snapshot;
    this.lock = lock;
  }

  add(rows: readonly Row[]): Promise<Receipt> {
    return this.change(async (places) => {
      const { accepted, rejected } = sift(rows, this.snapshot.manifest.dimension, (id, earlier) => {
        if (places.has(id)) return 'is in the index already';
        return earlier === undefined ? undefined : 'is given twice';
      });
      await this.commit(places, { rows: accepted, deaths: [] });
      return { written: accepted.length, rejected };
    });
  }

  upsert(rows: readonly Row[]): Promise<Receipt> {
    return this.change(async (places) => {
      const { accepted, rejected } = sift(rows, this.snapshot.manifest.dimension, () => undefined);
      const deaths = accepted.map(({ id }) => places.get(id)).filter((place) => place !== undefined);
      await this.commit(places, { rows: accepted, deaths });
      return { written: accepted.length, rejected };
    });
  }

  delete(ids: readonly string[]): Promise<number> {
    return this.change(async (places) => {
      const gone = [...new Set(ids)].filter((id) => places.has(id));
      await this.commit(places, { rows: [], deaths: gone.map((id) => places.get(id)!) }, gone);
      return gone.length;
    });
  }

  async get(ids: readonly string[]): Promise<(Row | undefined)[]> {
    this.checkOpen();
    let asked: Promise<Map<string, Place>>;
    let places: Map<string, Place>;
    do {
      asked = this.placesNow();
      places = await asked;
    } while (asked !== this.places);
    return this.reading(async ({ parts }) => {
      const found = ids.map((id) => places.get(id));
      return Promise.all(found.map((place) => (place === undefined ? undefined : rowAt(parts, place))));
    });
  }

  async *scan(filter?: Filter): AsyncGenerator<Row> {
    this.checkOpen();
    const { snapshot, release } = this.hold();
    try {
      for await (const { rows } of rowBatches(snapshot.parts, filter)) yield* rows;
    } finally {
      await release();
    }
  }

  async search(vector: Float32Array, options: SearchOptions): Promise<Hit[]> {
    this.checkOpen();
    checkSearch(options);
    return this.reading(async ({ manifest, parts }) =>
      searchRows(parts, unitVector('query', vector, manifest.dimension), options),
    );
  }

  async count(filter?: Filter): Promise<number> {
    this.checkOpen();
    return this.reading(async ({ manifest, parts }) =>
      filter === undefined ? manifest.rows : countRows(parts, filter),
    );
  }

  manifest(): StoreManifest {
    return publicManifest(this.snapshot.manifest);
  }

  async refresh(): Promise<boolean> {
    this.checkOpen();
    if (this.shared.write) return false;
    return this.changing.run(async () => {
      const { version, created } = await readManifest(this.shared.folder);
      const current = this.snapshot.manifest;
      if (version === current.version && created === current.created) return false;
      const next = await readSnapshot(this.shared, this.snapshot);
      const follow = created === current.created ? await this.placesFor(next) : undefined;
      if (follow === undefined) this.places = undefined;
      else follow();
      await this.moveTo(next);
      return true;
    });
  }

  /** What brings the known places up to date with a newer version; undefined if they had better be read anew. */
  private async placesFor(next: Snapshot): Promise<(() => void) | undefined> {
    const places = await this.places?.catch(() => undefined);
    if (places === undefined) return undefined;
    const moves = await movesBetween(this.snapshot.parts, next.parts).catch(() => undefined);
    if (moves === undefined) return undefined;
    return () => {
      for (const [id, place] of moves.gone) if (places.get(id) === place) places.delete(id);
      for (const [id, place] of moves.come) places.set(id, place);
    };
  }

  compact(): Promise<void> {
    return this.change(() => this.compactNow());
  }

  /** While rows are pinned to their places the store does not compact itself, but only when it is asked to. */
  pin(pinned: boolean): void {
    this.pinned = pinned;
  }

  async verify(): Promise<Damage[]> {
    this.checkOpen();
    return this.reading((snapshot) => verifySnapshot(this.shared, snapshot));
  }

  close(): Promise<void> {
    this.closing ??= this.changing.run(async () => {
      this.closed = true;
      await releaseSnapshot(this.snapshot);
      await this.lock?.release();
    });
    return this.closing;
  }

  private checkOpen(): void {
    if (this.closing !== undefined) throw new DiptychError('DIPTYCH_INDEX_CLOSED', { path: this.shared.folder });
  }

  /** Runs a task that changes the store after those before it. */
  private async change<T>(task: (places: Map<string, Place>) => Promise<T>): Promise<T> {
    this.checkOpen();
    if (this.lock === undefined) throw new DiptychError('DIPTYCH_INDEX_READ_ONLY', { path: this.shared.folder });
    const { lock } = this;
    return this.changing.run(async () => {
      const places = await this.placesNow();
      await lock.confirm();
      return task(places);
    });
  }

  private async commit(places: Map<string, Place>, change: Change, gone: readonly string[] = []): Promise<void> {
    if (change.rows.length + change.deaths.length === 0) return;
    const committed = await commit(this.shared, this.snapshot, change);
    // No await between: whoever looks sees the new snapshot with the new places.
    change.rows.forEach(({ id }, i) => {
      places.set(id, committed.places[i]);
    });
    for (const id of gone) places.delete(id);
    await this.moveTo(committed.snapshot);
    this.tidyUp();
  }

  private async compactNow(): Promise<void> {
    const next = await compact(this.shared, this.snapshot);
    if (next === this.snapshot) return;
    this.places = undefined;
    this.stuck = 0;
    await this.moveTo(next);
  }

  /**
   * Compacts once that is worth it: as the next change, after the one that made it so has been answered. Should it fail, the
   * version before stays, and it is tried again once as many more rows have gone.
   */
  private tidyUp(): void {
    if (!this.isWorn()) return;
    this.change(async () => {
      if (this.isWorn()) await this.compactNow();
    }).catch(() => {
      this.stuck = deadIn(this.snapshot);
    });
  }

  private isWorn(): boolean {
    const { manifest } = this.snapshot;
    const dead = deadIn(this.snapshot) - this.stuck;
    return !this.pinned && worthCompacting(dead, manifest.rows, this.shared.segmentRows);
  }

  private placesNow(): Promise<Map<string, Place>> {
    if (this.places === undefined) {
      const places = this.reading(({ parts }) => placesById(parts));
      places.catch(() => {
        if (this.places === places) this.places = undefined;
      });
      this.places = places;
    }
    return this.places;
  }

  private async moveTo(next: Snapshot): Promise<void> {
    const last = this.snapshot;
    this.snapshot = next;
    await releaseSnapshot(last, next);
  }

  /** The newest snapshot, its files kept open until it is released. */
  hold(): { snapshot: Snapshot; release: () => Promise<void> } {
    if (this.closed) throw new DiptychError('DIPTYCH_INDEX_CLOSED', { path: this.shared.folder });
    const { snapshot } = this;
    for (const { segment } of snapshot.parts) segment.hold();
    const release = async (): Promise<void> => {
      for (const { segment } of snapshot.parts) await segment.release();
    };
    return { snapshot, release };
  }

  private async reading<T>(task: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const { snapshot, release } = this.hold();
    try {
      return await task(snapshot);
    } finally {
      await release();
    }
  }
}
