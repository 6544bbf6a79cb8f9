/** @file A bundle behind processes of its own: what a server asks for vectors. ONNX Runtime never runs where one asks. */
import { basename, resolve } from 'node:path';
import { type Manifest, readManifest } from '../bundle/manifest.ts';
import { takesPictures } from '../bundle/open.ts';
import type { PictureVector } from '../bundle/pictures.ts';
import { DiptychError } from '../errors/error.ts';
import type { Encoder } from '../index/encoder.ts';
import { EmbeddingCache } from './cache.ts';
import { Lane, type LaneOptions } from './lane.ts';
import { LoadGate } from './load-gate.ts';
import type { LaneName, PoolOptions, PoolState } from './options.ts';
import { type PictureItem, startPictures } from './pictures-process.ts';
import { type Supervised, Supervisor } from './supervisor.ts';
import { TextLookup } from './text-lookup.ts';
import { startTexts } from './texts-process.ts';
import { settled } from './tickets.ts';

export interface EncodeOptions {
  /** Gives up waiting; what is already being encoded is finished. */
  readonly signal?: AbortSignal | undefined;
}

export interface PictureOptions extends EncodeOptions {
  /** Most pixels that a picture may have, 200 million unless given. */
  readonly maxPixels?: number | undefined;
}

/**
 * Pictures that go to their process together: decoded side by side, through the backbone one by one, through the image model
 * together. One by one a photo takes 11.7 ms of a core with MobileNetV2, by 4 9.2, by 8 8.5, by 16 or 32 8.3; and whoever
 * searches by picture waits for the whole of a batch.
 */
const PICTURES = 8;
/** One batch in the model, one being decoded. */
const PICTURE_BATCHES = 2;

const defaults = {
  threads: 1,
  maxBatch: 64,
  maxWaitMs: 0,
  maxQueue: 1024,
  maxQueueBytes: 2 ** 28,
  cacheBytes: 2 ** 25,
  idleUnloadMs: Number.POSITIVE_INFINITY,
  requestTimeoutMs: 10_000,
  loadTimeoutMs: 60_000,
  observe: () => {},
} as const;

type Settings = { readonly [K in keyof typeof defaults]: NonNullable<PoolOptions[K]> };

/**
 * A bundle whose texts and pictures are encoded in a process each, in batches of what is asked at the same time. Vectors have
 * `dimension` numbers; equal texts are encoded once and remembered. Processes start when they are needed, and again after
 * they died; options say how many may wait, and how long.
 */
export class EncoderPool implements Encoder {
  readonly name: string;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly #texts: Lane<string, Float32Array>;
  readonly #pictures: Lane<PictureItem, PictureVector>;
  readonly #lookup: TextLookup;

  private constructor(folder: string, manifest: Manifest, options: PoolOptions) {
    const settings: Settings = { ...defaults, ...given(options) };
    this.folder = folder;
    this.manifest = manifest;
    this.name = options.name ?? basename(resolve(folder));
    const gate = options.gate ?? new LoadGate();
    const setup = { folder, fingerprint: manifest.fingerprint, threads: settings.threads };
    this.#texts = this.#lane('texts', settings, gate, (signal) => startTexts(this.name, setup, signal), {
      maxBatch: settings.maxBatch,
      batches: 1,
      maxWaitMs: settings.maxWaitMs,
    });
    this.#pictures = this.#lane('pictures', settings, gate, (signal) => startPictures(this.name, setup, signal), {
      maxBatch: PICTURES,
      batches: PICTURE_BATCHES,
      maxWaitMs: 0,
    });
    const cache = options.cache ?? new EmbeddingCache(settings.cacheBytes);
    this.#lookup = new TextLookup(manifest.fingerprint, cache, this.#texts, (counts) =>
      settings.observe({ kind: 'lookup', bundle: this.name, ...counts }),
    );
  }

  /**
   * Makes a bundle ready to be asked. Its processes start with the first request, or with `preload`.
   *
   * @throws DIPTYCH_BUNDLE_MISSING, DIPTYCH_BUNDLE_FORMAT, DIPTYCH_BUNDLE_DAMAGED, DIPTYCH_FILE_UNREADABLE
   */
  static async start(folder: string, options: PoolOptions = {}): Promise<EncoderPool> {
    return new EncoderPool(folder, await readManifest(folder), options);
  }

  get fingerprint(): string {
    return this.manifest.fingerprint;
  }

  get dimension(): number {
    return this.manifest.dimension;
  }

  /** Whether pictures can be encoded: over features, only with the backbone that makes them. */
  get takesPictures(): boolean {
    return takesPictures(this.manifest);
  }

  /** What its processes are doing. */
  state(): PoolState {
    const { name, fingerprint } = this;
    return { name, fingerprint, texts: this.#texts.state, pictures: this.#pictures.state };
  }

  /**
   * One vector for each text, from memory, or together with what others ask at the same time. Copies: they may be changed.
   *
   * @throws DIPTYCH_SERVING_UNAVAILABLE, DIPTYCH_SERVING_BUSY (ask again after `fields.retrySeconds`); the reason of the signal;
   *   what loading the bundle throws: DIPTYCH_BUNDLE_DAMAGED, DIPTYCH_RUNTIME_…
   */
  encodeTexts(texts: readonly string[], { signal }: EncodeOptions = {}): Promise<Float32Array[]> {
    return this.#lookup.vectors(texts, signal);
  }

  /**
   * One vector for each picture, or what is wrong with it. Decoded in the process that encodes them.
   *
   * @param sources bytes of picture files, not to be changed until the end, or paths
   * @throws as `encodeTexts`; DIPTYCH_BUNDLE_FEATURES_ONLY if the bundle has no backbone
   */
  async encodePictures(
    sources: readonly (string | Uint8Array)[],
    { signal, maxPixels }: PictureOptions = {},
  ): Promise<PictureVector[]> {
    if (!this.takesPictures) throw new DiptychError('DIPTYCH_BUNDLE_FEATURES_ONLY', { path: this.folder });
    const items = sources.map((source) => ({ source, maxPixels }));
    return settled(items, (item) => this.#pictures.submit(item, bytesOf(item)), signal);
  }

  /** `encodePictures` under the name that searching and indexing know. */
  encodeImages(sources: readonly (string | Uint8Array)[]): Promise<PictureVector[]> {
    return this.encodePictures(sources);
  }

  /** Loads what is needed for texts, or pictures, before somebody waits for it. @throws what loading throws */
  async preload(...lanes: readonly LaneName[]): Promise<void> {
    if (lanes.includes('texts')) await this.#texts.preload();
    if (lanes.includes('pictures') && this.takesPictures) await this.#pictures.preload();
  }

  /** Ends the processes when they have done what they have; the next request starts them again. */
  async unload(): Promise<void> {
    await Promise.all([this.#texts.unload(), this.#pictures.unload()]);
  }

  /** Refuses what comes from now on, finishes what was accepted, and ends the processes. */
  async close(): Promise<void> {
    await Promise.all([this.#texts.close(), this.#pictures.close()]);
  }

  #lane<Item, Vector>(
    lane: LaneName,
    settings: Settings,
    gate: LoadGate,
    start: (signal: AbortSignal) => Promise<Supervised & { encode(items: readonly Item[]): Promise<Vector[]> }>,
    batching: Pick<LaneOptions<Item, Vector>, 'maxBatch' | 'batches' | 'maxWaitMs'>,
  ): Lane<Item, Vector> {
    const { maxQueue, maxQueueBytes, idleUnloadMs, requestTimeoutMs, loadTimeoutMs, observe } = settings;
    const base = { bundle: this.name, lane };
    const supervisor = new Supervisor({
      name: this.name,
      start,
      gate,
      loadTimeoutMs,
      loaded: (loadMs) => observe({ ...base, kind: 'loaded', loadMs }),
      died: (reason) => observe({ ...base, kind: 'died', reason }),
      unloaded: () => observe({ ...base, kind: 'unloaded' }),
    });
    return new Lane({
      ...batching,
      name: this.name,
      things: lane,
      supervisor,
      maxQueue,
      maxBytes: maxQueueBytes,
      idleUnloadMs,
      requestTimeoutMs,
      queued: (length) => observe({ ...base, kind: 'queue', length }),
      encoded: (size, waitMs, encodeMs) => observe({ ...base, kind: 'batch', size, waitMs, encodeMs }),
    });
  }
}

/** What was said, without what was left undefined. */
function given(options: PoolOptions): Partial<Settings> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function bytesOf({ source }: PictureItem): number {
  return typeof source === 'string' ? 0 : source.byteLength;
}
