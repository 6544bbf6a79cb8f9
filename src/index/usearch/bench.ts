/**
 * @file A flat store's rows made into a graph, and the graph's recall measured on them: some rows are queries, and what
 * the graph finds for each is compared with what trying all other rows finds. Queries join the graph only when it is saved: it
 * has to find its way to them as to any vector that is not among its rows.
 */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { exactSearch, MetricKind } from 'usearch';
import { Random } from '../../random/random.ts';
import { type FlatStore, openFlatStore } from '../flat/flat-store.ts';
import { innerProducts } from '../flat/kernel.ts';
import { type Place, placeOf, rowOf, segmentOf } from '../flat/place.ts';
import { liveRows } from '../flat/read.ts';
import type { Part, Snapshot } from '../flat/snapshot.ts';
import { Graph } from './graph.ts';
import { type GraphFile, type GraphParameters, RECALL_AT } from './graph-file.ts';
import { guidedWalks, signpostParameters, signpostsOf, worthScoring } from './signposts.ts';

/** Scores this close to the last of the best count as equal: twins of one picture are all right answers. */
const EQUAL = 1e-6;

/** What there is to build. */
export interface Opened extends Pick<GraphFile, 'covered' | 'created'> {
  readonly rows: number;
  readonly dimension: number;
}

export interface Measured {
  readonly recall: number;
  /** Of one search, in milliseconds. */
  readonly median: number;
}

export interface Unreached {
  readonly searched: number;
  readonly places: Place[];
}

/** A query, and the best scores that rows which are no queries have for it. */
interface Query {
  readonly vector: Float32Array;
  readonly best: number[];
}

export class GraphBench {
  private readonly store: FlatStore;
  private readonly held: { snapshot: Snapshot; release: () => Promise<void> };
  private readonly partOf: Map<number, Part>;
  private readonly dimension: number;
  /** All rows, those of them that are in scope, and these in the order in which they join the graph. */
  private readonly all: Place[];
  private scope: Place[];
  private order: Place[] = [];
  private queries: Query[] = [];
  /** Where the queries lie. */
  private asking: ReadonlySet<Place> = new Set();
  private graph: Graph | undefined;
  private signposts: Graph | undefined;

  private constructor(store: FlatStore, all: Place[]) {
    this.store = store;
    this.held = store.hold();
    this.partOf = new Map(this.held.snapshot.parts.map((part) => [part.entry.number, part]));
    this.dimension = this.held.snapshot.manifest.dimension;
    this.all = all;
    this.scope = all;
  }

  static async open(folder: string): Promise<GraphBench> {
    const store = await openFlatStore(folder, { memory: 0 });
    const { snapshot, release } = store.hold();
    const all: Place[] = [];
    for (const part of snapshot.parts) {
      for (const row of await liveRows(part, undefined)) all.push(placeOf(part.entry.number, row));
    }
    await release();
    return new GraphBench(store, all);
  }

  opened(): Opened {
    const { manifest, parts } = this.held.snapshot;
    const covered = parts.map(({ entry: { number, rows } }) => ({ number, rows }));
    return { rows: this.all.length, dimension: this.dimension, covered, created: manifest.created };
  }

  /** Goes on with at most so many rows, spread over all. Returns how many. */
  limit(most: number): number {
    const step = Math.max(1, this.all.length / most);
    this.scope = step === 1 ? this.all : Array.from({ length: most }, (_, i) => this.all[Math.floor(i * step)]);
    // Rows that are written together are often alike, and a graph that meets one cluster after the other loses whole ones.
    this.order = new Random('order', this.scope.length).shuffle([...this.scope]);
    return this.scope.length;
  }

  /** Draws rows of the scope as queries, a tenth of them at most: the others are what is found. */
  async draw(most: number): Promise<number> {
    const count = Math.min(most, Math.ceil(this.scope.length / 10));
    const drawn = new Random('recall', this.scope.length).shuffle([...this.scope.keys()]).slice(0, count);
    const places = drawn.sort((a, b) => a - b).map((i) => this.scope[i]);
    this.asking = new Set(places);
    const vectors = await this.vectors(places);
    // Copies: usearch's exact search reads from the start of a buffer, wherever the array begins in it.
    this.queries = places.map((_, i) => ({ vector: this.row(vectors, i).slice(), best: [] }));
    return places.length;
  }

  /** Scores the rows `from` to `to` of the scope for all queries: the truth that recall is measured against. */
  async score(from: number, to: number): Promise<void> {
    const places = this.findable(this.scope.slice(from, to));
    if (places.length === 0) return;
    const vectors = await this.vectors(places);
    const count = Math.min(RECALL_AT, places.length);
    for (const { vector, best } of this.queries) {
      const { keys } = exactSearch(vectors, vector, this.dimension, count, MetricKind.IP, 1);
      for (const key of keys) best.push(this.product(vectors, Number(key), vector));
      best.sort((a, b) => b - a).splice(RECALL_AT);
    }
  }

  begin(parameters: GraphParameters): void {
    this.graph = Graph.empty(this.dimension, parameters);
    this.signposts = undefined;
  }

  /** Sets up signposts to what is in the graph. */
  async signpost(parameters: GraphParameters, block: number): Promise<void> {
    const places = this.findable(signpostsOf(this.order));
    this.signposts = Graph.empty(this.dimension, signpostParameters(parameters));
    for (let from = 0; from < places.length; from += block) {
      const some = places.slice(from, from + block);
      this.signposts.add(some, await this.vectors(some));
    }
  }

  /** Adds the rows `from` to `to` of the order, without queries. */
  async add(from: number, to: number): Promise<void> {
    const places = this.findable(this.order.slice(from, to));
    this.graph!.add(places, await this.vectors(places));
  }

  /**
   * Searches for every so-manieth of the rows `from` to `to` of the scope by its own vector, first among few candidates, then
   * among many.
   *
   * @returns how many were searched for, and where those lie that were not found
   */
  async unreached(from: number, to: number, step: number, counts: readonly number[]): Promise<Unreached> {
    const searched = this.findable(this.scope.slice(from, to).filter((_, i) => i % step === 0));
    let places = searched;
    for (const count of counts) {
      if (places.length === 0) break;
      const missed = this.graph!.unreached(places, await this.vectors(places), count);
      places = missed.map((i) => places[i]);
    }
    return { searched: searched.length, places };
  }

  async relink(places: readonly Place[]): Promise<void> {
    this.graph!.relink(places, await this.vectors(places));
  }

  /** Recall of the graph when walks come to so many candidates. */
  async measure(candidates: number): Promise<Measured> {
    const times: number[] = [];
    let found = 0;
    let all = 0;
    for (const { vector, best } of this.queries) {
      const start = performance.now();
      const walks = await guidedWalks(this.graph!, this.signposts, vector, candidates, (place) =>
        this.vectors([place]),
      );
      const proposed = worthScoring(walks, RECALL_AT);
      times.push(performance.now() - start);
      const vectors = await this.vectors(proposed);
      const scores = proposed.map((_, i) => this.product(vectors, i, vector)).sort((a, b) => b - a);
      const last = best[best.length - 1];
      found += scores.slice(0, best.length).filter((score) => score >= last - EQUAL).length;
      all += best.length;
    }
    times.sort((a, b) => a - b);
    return { recall: all === 0 ? 1 : found / all, median: times[times.length >> 1] ?? 0 };
  }

  /** Adds the queries, and saves the graph and its signposts beside the rows. */
  async save(folder: string, name: string, signposts: string): Promise<void> {
    const places = [...this.asking];
    this.graph!.add(places, await this.vectors(places));
    for (const [graph, file] of [
      [this.graph!, name],
      [this.signposts!, signposts],
    ] as const) {
      const path = join(folder, file);
      graph.save(`${path}.tmp`);
      await rename(`${path}.tmp`, path);
    }
  }

  async close(): Promise<void> {
    await this.held.release();
    await this.store.close();
  }

  /** Those places that are no queries. */
  private findable(places: readonly Place[]): Place[] {
    return places.filter((place) => !this.asking.has(place));
  }

  private row(vectors: Float32Array, i: number): Float32Array {
    return vectors.subarray(i * this.dimension, (i + 1) * this.dimension);
  }

  /** The exact score of a row, as a search gives it. */
  private product(vectors: Float32Array, i: number, vector: Float32Array): number {
    const out = new Float64Array(1);
    innerProducts(vectors, this.dimension, Float64Array.from(vector), Int32Array.of(i), 0, 1, out);
    return out[0];
  }

  /** The vectors at places, row-major. */
  private async vectors(places: readonly Place[]): Promise<Float32Array> {
    const out = new Float32Array(places.length * this.dimension);
    for (let i = 0; i < places.length; ) {
      const number = segmentOf(places[i]);
      let end = i + 1;
      while (end < places.length && segmentOf(places[end]) === number) end++;
      const rows = Int32Array.from(places.slice(i, end), rowOf);
      const { vectors } = this.partOf.get(number)!.segment;
      await vectors.gather(rows, 0, rows.length, out.subarray(i * this.dimension, end * this.dimension));
      i = end;
    }
    return out;
  }
}
