/** @file The bundles that are served, by name: one load at a time, one memory of embeddings for all. */
import { EmbeddingCache } from './cache.ts';
import { EncoderPool } from './encoder-pool.ts';
import { LoadGate } from './load-gate.ts';
import type { PoolOptions } from './options.ts';

/** Those of each pool, with one cache and one gate for all. */
export type PoolsOptions = Omit<PoolOptions, 'name' | 'cache' | 'gate'>;

/** Pools by the names under which a server offers them. One that is replaced or removed finishes what it had accepted. */
export class EncoderPools {
  readonly #options: PoolsOptions;
  readonly #cache: EmbeddingCache;
  readonly #gate = new LoadGate();
  readonly #pools = new Map<string, EncoderPool>();

  constructor(options: PoolsOptions = {}) {
    this.#options = options;
    this.#cache = new EmbeddingCache(options.cacheBytes ?? 2 ** 25);
  }

  /**
   * Adds a bundle; nothing is loaded before it is needed. A name that is taken is given to the new one, and the one before
   * is closed when it has finished what it has.
   *
   * @throws what `EncoderPool.start` throws
   */
  async add(name: string, folder: string): Promise<EncoderPool> {
    const pool = await EncoderPool.start(folder, {
      ...this.#options,
      name,
      cache: this.#cache,
      gate: this.#gate,
    });
    const before = this.#pools.get(name);
    this.#pools.set(name, pool);
    await before?.close();
    return pool;
  }

  /** The pool of a name, if there is one. */
  get(name: string): EncoderPool | undefined {
    return this.#pools.get(name);
  }

  /** All of them, in the order they were added. */
  list(): EncoderPool[] {
    return [...this.#pools.values()];
  }

  /** Takes a bundle away; what it had accepted is finished. Returns whether there was one. */
  async remove(name: string): Promise<boolean> {
    const pool = this.#pools.get(name);
    this.#pools.delete(name);
    await pool?.close();
    return pool !== undefined;
  }

  /** Closes all. */
  async close(): Promise<void> {
    await Promise.all(this.list().map((pool) => pool.close()));
  }
}
