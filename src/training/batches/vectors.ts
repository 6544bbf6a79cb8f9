/** @file Sides of batches over stored vectors: one for each item, or several views of which training shows one. */
import type { TensorData } from '../../graph/values.ts';
import { Random } from '../../random/random.ts';
import type { Drawn, Moment, Side } from './side.ts';

/** Vectors of items in memory. */
export interface VectorTable {
  /** [items, views, width]; half precision as 16-bit patterns. The first view is the plain one. */
  readonly data: Uint16Array | Float32Array;
  readonly views: number;
  readonly width: number;
}

export interface VectorOptions {
  /** How often a training item shows one of its further views. */
  readonly viewProbability: number;
  /** Views that evaluation averages, at most those of the table; one unless given. */
  readonly averagedViews?: number;
}

/** Items as vectors. */
export class VectorSide implements Side {
  readonly #table: VectorTable;
  readonly #rows: Int32Array;
  readonly #options: VectorOptions;
  readonly views: number;

  /** @param rows where each item is in the table */
  constructor(table: VectorTable, rows: Int32Array, options: VectorOptions = { viewProbability: 0 }) {
    this.views = Math.min(table.views, options.averagedViews ?? 1);
    this.#table = table;
    this.#rows = rows;
    this.#options = options;
  }

  async draw(items: Int32Array, moment: Moment | undefined, view = 0): Promise<Drawn> {
    const views = moment ? this.#viewsOf(items.length, moment) : new Int32Array(items.length).fill(view);
    return {
      lengths: new Int32Array(items.length).fill(1),
      feeds: async (order) => {
        const { data, views: stored, width } = this.#table;
        const count = order.length;
        const vectors = data instanceof Uint16Array ? new Uint16Array(count * width) : new Float32Array(count * width);
        order.forEach((i, place) => {
          const start = (this.#rows[items[i]] * stored + views[i]) * width;
          vectors.set(data.subarray(start, start + width), place * width);
        });
        const dtype = data instanceof Uint16Array ? 'float16' : 'float32';
        return new Map<string, TensorData>([['vectors', { dtype, shape: [count, width], data: vectors }]]);
      },
    };
  }

  #viewsOf(count: number, moment: Moment): Int32Array {
    const views = new Int32Array(count);
    const { views: stored } = this.#table;
    if (stored === 1) return views;
    const random = new Random(moment.seed, 'views', moment.step);
    return views.map(() => (random.uniform() < this.#options.viewProbability ? 1 + random.integer(stored - 1) : 0));
  }
}
