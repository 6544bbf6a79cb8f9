/** @file A store with a graph in front of it: the same answers sooner, and the store's own where there is no graph. */
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { checkSearch } from '../batch.ts';
import type { Filter } from '../filter.ts';
import { FlatStore } from '../flat/flat-store.ts';
import type { Snapshot } from '../flat/snapshot.ts';
import { unitVector } from '../rows.ts';
import { Serial } from '../serial.ts';
import type { Damage, Hit, Receipt, Row, SearchOptions, Store, StoreManifest } from '../store.ts';
import { buildGraph, type GraphOptions, type GraphReport, withoutGraph } from './build.ts';
import { Graph } from './graph.ts';
import { type GraphFile, graphDamages, readGraphFile, removeGraph } from './graph-file.ts';
import { catchUp, isCopy, makeMirror, mirrorOf, noteCopy, openMirror, removeUnused, type Traced } from './mirror.ts';
import { type Limits, type Matching, matchingRows, type Proposer, searchWithGraph, usualLimits } from './search.ts';
import { signpostParameters } from './signposts.ts';

/** Filters whose rows are remembered. */
const MOST_FILTERS = 16;
/** How often a copy that is just being written is looked at again, and how long apart. */
const LOOKS = 5;
const LOOK_MS = 20;

/** A store whose searches may be answered with a graph. */
export interface AcceleratedStore extends Store {
  /** What is known of the graph; undefined while all rows are tried. */
  graph(): GraphFile | undefined;
  /** Builds the graph anew, or does away with it where trying all rows is best. For writers, who may write meanwhile. */
  optimize(options?: GraphOptions): Promise<GraphReport>;
  /** Rows that the graph does not know, and rows that it knows and that are gone. */
  drift(): number;
}

/**
 * Puts the graph that lies beside a store in front of it.
 *
 * @param folder of the store
 * @param write whether the store is open for writing
 */
export async function accelerate(
  folder: string,
  store: Store,
  write: boolean,
  limits: Limits = usualLimits,
): Promise<AcceleratedStore> {
  const own = store instanceof FlatStore;
  const place = own ? folder : mirrorOf(folder);
  const accelerated = new Accelerated(place, store, own, write, limits);
  try {
    await accelerated.load();
    return accelerated;
  } catch (cause) {
    await accelerated.close();
    throw cause;
  }
}

/** The same store as what it is, if a graph may be in front of it. */
export function acceleratedOf(store: Store): AcceleratedStore | undefined {
  return store instanceof Accelerated ? store : undefined;
}

/** A graph that is in use. */
type Found = Proposer & { readonly file: GraphFile };

function isTraced(store: Store): store is Traced {
  return 'changedSince' in store;
}

class Accelerated implements AcceleratedStore {
  /** Where the flat store and the graph lie. */
  private readonly folder: string;
  private readonly store: Store;
  /** Whether the store is the flat one that the graph is of; else that is a copy. */
  private readonly own: boolean;
  private readonly write: boolean;
  private readonly limits: Limits;
  private readonly changing = new Serial();
  private readonly building = new Serial();
  private flat: FlatStore | undefined;
  private proposer: Found | undefined;
  private filters = new Map<string, Promise<Matching>>();
  private filtered: Snapshot | undefined;
  private warm: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  constructor(folder: string, store: Store, own: boolean, write: boolean, limits: Limits) {
    this.folder = folder;
    this.store = store;
    this.own = own;
    this.write = write;
    this.limits = limits;
    if (store instanceof FlatStore) this.flat = store;
  }

  /** Opens the graph as it is on disk now, and the copy if there is one. */
  async load(): Promise<void> {
    const before = this.proposer;
    this.proposer = await this.find();
    if (this.proposer !== before) this.warm = undefined;
    // A store that compacts itself leaves the graph with nothing: it is compacted before a graph is built.
    if (this.own) this.flat!.pin(this.proposer !== undefined);
  }

  /** A graph that cannot be used is as good as none: all answers come from the store. */
  private async find(): Promise<Found | undefined> {
    const file = await readGraphFile(this.folder).catch(() => undefined);
    if (file === undefined || (!this.own && !(await this.copyInStep()))) return undefined;
    const { created, dimension } = this.flat!.manifest();
    if (file.created !== created) return undefined;
    if (this.proposer?.file.file === file.file) return this.proposer;
    return this.view(file, dimension).catch((cause) => {
      if (isDiptychError(cause, 'DIPTYCH_INDEX_DAMAGED')) return undefined;
      throw cause;
    });
  }

  private async view(file: GraphFile, dimension: number): Promise<Found> {
    const { folder, limits } = this;
    const graph = await Graph.view(folder, file, dimension);
    const signposts =
      file.signposts &&
      (await Graph.view(folder, { ...file.signposts, parameters: signpostParameters(file.parameters) }, dimension));
    return { graph, signposts, file, limits };
  }

  add(rows: readonly Row[]): Promise<Receipt> {
    return this.change(
      () => this.store.add(rows),
      (copy, { rejected }) => copy.upsert(without(rows, rejected)),
    );
  }

  upsert(rows: readonly Row[]): Promise<Receipt> {
    return this.change(
      () => this.store.upsert(rows),
      (copy, { rejected }) => copy.upsert(without(rows, rejected)),
    );
  }

  delete(ids: readonly string[]): Promise<number> {
    return this.change(
      () => this.store.delete(ids),
      (copy) => copy.delete(ids),
    );
  }

  get(ids: readonly string[]): Promise<(Row | undefined)[]> {
    return this.store.get(ids);
  }

  scan(filter?: Filter): AsyncIterable<Row> {
    return this.store.scan(filter);
  }

  async search(vector: Float32Array, options: SearchOptions): Promise<Hit[]> {
    const { proposer, flat } = this;
    if (proposer === undefined || flat === undefined) return this.store.search(vector, options);
    checkSearch(options);
    const unit = unitVector('query', vector, this.manifest().dimension);
    const { snapshot, release } = flat.hold();
    try {
      // What cannot be read is told by the searches that need it.
      this.warm ??= this.warmUp(flat).catch(() => {});
      const { filter } = options;
      const matching = filter === undefined ? undefined : await this.matching(snapshot, filter);
      return await searchWithGraph(snapshot, proposer, unit, options, matching);
    } finally {
      await release();
    }
  }

  count(filter?: Filter): Promise<number> {
    return this.store.count(filter);
  }

  manifest(): StoreManifest {
    return this.store.manifest();
  }

  async refresh(): Promise<boolean> {
    const moved = await this.store.refresh();
    if (!this.write) await this.changing.run(() => this.load());
    return moved;
  }

  compact(): Promise<void> {
    return this.change(
      () => this.store.compact(),
      async () => {},
    );
  }

  async verify(): Promise<Damage[]> {
    const damages = await this.store.verify();
    if (!this.own && this.flat !== undefined) damages.push(...(await this.flat.verify()));
    damages.push(...(await graphDamages(this.folder)));
    return damages;
  }

  close(): Promise<void> {
    this.closing ??= this.building.run(() => this.changing.run(() => this.end()));
    return this.closing;
  }

  private async end(): Promise<void> {
    await this.warm;
    await this.store.close();
    if (!this.own) await this.flat?.close();
    this.proposer = undefined;
  }

  graph(): GraphFile | undefined {
    return this.proposer?.file;
  }

  drift(): number {
    const { proposer, flat } = this;
    if (proposer === undefined || flat === undefined) return 0;
    const { snapshot, release } = flat.hold();
    void release();
    const covered = new Map(proposer.file.covered.map(({ number, rows }) => [number, rows]));
    const known = snapshot.parts.reduce(
      (sum, { entry }) => sum + Math.min(entry.rows, covered.get(entry.number) ?? 0),
      0,
    );
    const all = snapshot.parts.reduce((sum, { entry }) => sum + entry.rows, 0);
    return all - known + (proposer.file.rows - known) + (all - snapshot.manifest.rows);
  }

  optimize(options: GraphOptions = {}): Promise<GraphReport> {
    if (!this.write) throw new DiptychError('DIPTYCH_INDEX_READ_ONLY', { path: this.folder });
    return this.building.run(async () => {
      const report = (await this.changing.run(() => this.prepare(options))) ?? (await this.build(options));
      await this.changing.run(() => this.dropUnused());
      return report;
    });
  }

  private async build(options: GraphOptions): Promise<GraphReport> {
    try {
      return await buildGraph(this.folder, options);
    } finally {
      await this.changing.run(() => this.load());
    }
  }

  /** Lets go of a copy that no graph is of. Searches that are at work with it have its files open. */
  private async dropUnused(): Promise<void> {
    const copy = this.flat;
    if (this.own || copy === undefined || this.proposer !== undefined) return;
    this.flat = undefined;
    await copy.close();
    await removeUnused(this.folder);
  }

  /** Sees to it that there is a flat store for a graph to be of, whose rows stay where they are; or does away with the graph. */
  private async prepare(options: GraphOptions): Promise<GraphReport | undefined> {
    const { store } = this;
    const { rows, dimension } = store.manifest();
    const without = withoutGraph(rows, dimension, options);
    if (without !== undefined) {
      await removeGraph(this.folder);
      await this.load();
    } else if (this.flat === undefined) {
      if (!isTraced(store)) throw new TypeError('a store that is to be copied tells what changed in it');
      this.flat = await makeMirror(this.folder, store);
    } else {
      this.flat.pin(true);
      await this.flat.compact();
      if (!this.own) await noteCopy(this.folder, store.manifest(), this.flat.manifest());
    }
    return without;
  }

  /** Changes the store, then the copy. Should the process die between the two, the copy catches up when it is next opened. */
  private change<T>(task: () => Promise<T>, follow: (copy: FlatStore, result: T) => Promise<unknown>): Promise<T> {
    return this.changing.run(async () => {
      const result = await task();
      if (!this.own && this.flat !== undefined) {
        await follow(this.flat, result);
        await noteCopy(this.folder, this.store.manifest(), this.flat.manifest());
      }
      return result;
    });
  }

  /** Opens or refreshes the copy; whether it is one of the version of the store that is open. */
  private async copyInStep(): Promise<boolean> {
    const { store, folder, write } = this;
    this.flat ??= await openMirror(folder, write);
    if (this.flat === undefined) return false;
    for (let look = 0; look < LOOKS; look++) {
      await this.flat.refresh();
      if (await isCopy(folder, store.manifest(), this.flat.manifest())) return true;
      if (write && isTraced(store)) {
        await catchUp(folder, store, this.flat);
        return true;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return false;
  }

  /** Vectors come into memory, as far as there is room, without a search waiting for them. */
  private async warmUp(flat: FlatStore): Promise<void> {
    const { snapshot, release } = flat.hold();
    try {
      for (const { segment, entry } of snapshot.parts) await segment.vectors.ensure(entry);
    } finally {
      await release();
    }
  }

  /** The rows that match, remembered as long as the version is the same. */
  private matching(snapshot: Snapshot, filter: Filter): Promise<Matching> {
    if (this.filtered !== snapshot) {
      this.filters = new Map();
      this.filtered = snapshot;
    }
    const key = JSON.stringify(filter);
    const known = this.filters.get(key) ?? matchingRows(snapshot.parts, filter);
    this.filters.delete(key);
    this.filters.set(key, known);
    if (this.filters.size > MOST_FILTERS) this.filters.delete(this.filters.keys().next().value!);
    return known;
  }
}

function without(rows: readonly Row[], rejected: Receipt['rejected']): Row[] {
  const refused = new Set(rejected.map(({ index }) => index));
  return rows.filter((_, i) => !refused.has(i));
}
