/** @file The bundles that are served: each a model in processes of its own, loaded when needed, one at a time. */
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { rememberedBundle } from '../bundle/hint.ts';
import { textWarning } from '../data/tokens/inspect.ts';
import { tokenizerFromJSON } from '../data/tokens/load.ts';
import { isDiptychError } from '../errors/error.ts';
import { readJson } from '../files/json.ts';
import type { EncoderPool } from '../serving/encoder-pool.ts';
import { EncoderPools, type PoolsOptions } from '../serving/encoder-pools.ts';
import type { LaneState, ServingEvent } from '../serving/options.ts';
import type { ModelState, NamedEncoder } from './service.ts';

/** A name for a folder that can stand in an address, unlike those taken. */
export function nameFor(folder: string, taken: readonly string[]): string {
  const plain =
    basename(resolve(folder))
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 60) || 'index';
  for (let number = 1; ; number++) {
    const name = number === 1 ? plain : `${plain}-${number}`;
    if (!taken.includes(name)) return name;
  }
}

export class Models {
  readonly #pools: EncoderPools;
  readonly #served: Served[] = [];

  /** @param observe told what happens in the pools */
  constructor(options: Omit<PoolsOptions, 'observe'>, observe: (event: ServingEvent) => void) {
    this.#pools = new EncoderPools({
      ...options,
      observe: (event) => {
        this.#served.find(({ name }) => name === event.bundle)?.see(event);
        observe(event);
      },
    });
  }

  get list(): readonly NamedEncoder[] {
    return this.#served;
  }

  /** Adds a bundle unless one of its model is there. @throws what `EncoderPools.add` throws */
  async add(folder: string): Promise<NamedEncoder> {
    const name = nameFor(
      folder,
      this.#served.map(({ name }) => name),
    );
    const pool = await this.#pools.add(name, folder);
    const known = this.#served.find(({ encoder }) => encoder.fingerprint === pool.fingerprint);
    if (known !== undefined) {
      await this.#pools.remove(name);
      return known;
    }
    const path = join(folder, 'tokenizer.json');
    const tokenizer = tokenizerFromJSON(await readJson(path, z.unknown()), path);
    const served = new Served(name, pool, (text) => textWarning(tokenizer, text));
    this.#served.push(served);
    return served;
  }

  /** Whether the model of an index can be asked: it is there, or where the index remembers it. */
  async find(index: string, fingerprint: string): Promise<boolean> {
    if (this.#served.some(({ encoder }) => encoder.fingerprint === fingerprint)) return true;
    try {
      const found = await this.add(await rememberedBundle(index, fingerprint));
      await found.preload();
      return true;
    } catch (error) {
      if (isDiptychError(error)) return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#pools.close();
  }
}

/** One bundle. */
class Served implements NamedEncoder {
  readonly name: string;
  readonly encoder: NamedEncoder['encoder'];
  readonly #pool: EncoderPool;
  #error: string | null = null;
  #loaded: string | null = null;

  constructor(name: string, pool: EncoderPool, warning: (text: string) => string | undefined) {
    this.name = name;
    this.#pool = pool;
    const { fingerprint, dimension } = pool;
    const { share } = pool.manifest;
    this.encoder = {
      fingerprint,
      dimension,
      share,
      encodeTexts: (texts, options) => pool.encodeTexts(texts, options),
      encodePictures: (pictures, options) => pool.encodePictures(pictures, options),
      textWarning: warning,
    };
  }

  see(event: ServingEvent): void {
    if (event.kind === 'died') this.#error = event.reason;
    if (event.kind !== 'loaded') return;
    this.#error = null;
    this.#loaded = new Date().toISOString();
  }

  state(): ModelState {
    const { texts, pictures } = this.#pool.state();
    const lanes = [texts, pictures];
    const has = (status: LaneState['status']): boolean => lanes.some((lane) => lane.status === status);
    const state = has('waiting') ? 'failed' : has('ready') ? 'ready' : has('loading') ? 'loading' : 'unloaded';
    return { state, error: state === 'failed' ? this.#error : null, loaded: has('ready') ? this.#loaded : null };
  }

  preload(): Promise<void> {
    return this.#pool.preload('texts');
  }

  unload(): Promise<void> {
    return this.#pool.unload();
  }
}
