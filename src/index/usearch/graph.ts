/** @file A graph of near neighbours (HNSW, by usearch) over the places of a flat store's rows. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Index, MetricKind, ScalarKind } from 'usearch';
import type { Place } from '../flat/place.ts';
import { damaged } from '../manifest-file.ts';
import { type GraphFile, type GraphParameters, requireSize } from './graph-file.ts';

const kinds: Readonly<Record<GraphParameters['quantization'], ScalarKind>> = {
  i8: ScalarKind.I8,
  f16: ScalarKind.F16,
  f32: ScalarKind.F32,
};

/** A squared distance up to which vectors are the same. */
const TWIN = 1e-6;

/** Bytes of a number. */
const widths: Readonly<Record<GraphParameters['quantization'], number>> = { i8: 1, f16: 2, f32: 4 };

/** About how many bytes a row takes: its vector, its neighbours on the lowest level (twice the connectivity), the rest. */
export function bytesPerRow({ quantization, connectivity }: GraphParameters, dimension: number): number {
  return dimension * widths[quantization] + 8 * connectivity + 32;
}

/** What is needed to open a graph. */
export type Viewed = Pick<GraphFile, 'file' | 'bytes' | 'parameters'>;

export class Graph {
  private readonly index: Index;

  private constructor(dimension: number, { quantization, connectivity, expansion }: GraphParameters) {
    this.index = new Index({
      dimensions: dimension,
      // Unit vectors have other lengths once they are quantized, and by inner product the long ones are near to everything:
      // of tight clusters whole ones are then never found. The squared distance orders unit vectors as cosines do, is a metric
      // whatever their lengths, and costs what the inner product costs.
      metric: MetricKind.L2sq,
      quantization: kinds[quantization],
      connectivity,
      expansion_add: expansion,
      // How far a search goes follows from how many rows it is asked for.
      expansion_search: 1,
      multi: false,
    });
  }

  static empty(dimension: number, parameters: GraphParameters): Graph {
    return new Graph(dimension, parameters);
  }

  /** A saved graph, mapped into memory: it cannot be added to. @throws DIPTYCH_INDEX_DAMAGED */
  static async view(folder: string, { file, bytes, parameters }: Viewed, dimension: number): Promise<Graph> {
    const path = join(folder, file);
    await requireSize(path, bytes);
    const graph = new Graph(dimension, parameters);
    try {
      graph.index.view(path);
    } catch (cause) {
      throw damaged(path, cause instanceof Error ? cause.message : 'not a graph', cause);
    }
    return graph;
  }

  get size(): number {
    return Number(this.index.size());
  }

  /** Adds rows on all cores; takes as long as it takes, so not in a thread that has anything else to do. */
  add(places: readonly Place[], vectors: Float32Array): void {
    this.index.add(BigUint64Array.from(places, BigInt), vectors, availableParallelism());
  }

  /** The places of about the nearest rows, nearest first: at most `count`. */
  search(vector: Float32Array, count: number): Place[] {
    return this.near(vector, count).places;
  }

  /** The same with distances, which are comparable with those of graphs of the same quantization. */
  near(vector: Float32Array, count: number): { places: Place[]; distances: Float32Array } {
    const { keys, distances } = this.index.search(vector, count, 1);
    return { places: Array.from(keys, Number), distances };
  }

  /** Which of its rows a search for their own vectors does not lead to: neither to them, nor to a twin. */
  unreached(places: readonly Place[], vectors: Float32Array, count: number): number[] {
    const { keys, distances } = this.index.search(vectors, count, availableParallelism());
    return [...places.keys()].filter((i) => {
      const found = keys.subarray(i * count, (i + 1) * count);
      return !(distances[i * count] <= TWIN) && !found.includes(BigInt(places[i]));
    });
  }

  /**
   * Links rows anew to what a search for them leads to now, and that to them. One after the other: each goes back to where
   * it was, which links that stay rely on, and leads the next ones to itself.
   */
  relink(places: readonly Place[], vectors: Float32Array): void {
    const keys = BigUint64Array.from(places, BigInt);
    this.index.remove(keys);
    this.index.add(keys, vectors, 1);
  }

  save(path: string): void {
    this.index.save(path);
  }
}
