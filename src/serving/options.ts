/** @file How a bundle is served: limits, and what is told to whoever watches. All times in milliseconds. */
import type { EmbeddingCache } from './cache.ts';
import type { LoadGate } from './load-gate.ts';

/** What encodes: texts and pictures have a process each, so that neither waits for the other or dies of it. */
export type LaneName = 'texts' | 'pictures';

export interface PoolOptions {
  /** What events call the bundle; the name of its folder unless given. */
  readonly name?: string | undefined;
  /** Threads of ONNX Runtime in each process, 1 unless given. */
  readonly threads?: number | undefined;
  /** Texts that go through the model together at most, 64 unless given. */
  readonly maxBatch?: number | undefined;
  /**
   * How long an idle process waits for more texts before it begins, 0 unless given: it begins at once, and what arrives while
   * it computes makes the next batch.
   */
  readonly maxWaitMs?: number | undefined;
  /** Texts, or pictures, that may wait at most; beyond, DIPTYCH_SERVING_BUSY. 1024 unless given. */
  readonly maxQueue?: number | undefined;
  /** Bytes of pictures that may wait or be worked on at most; beyond, DIPTYCH_SERVING_BUSY. 256 MiB unless given. */
  readonly maxQueueBytes?: number | undefined;
  /** Bytes of remembered embeddings of texts, 32 MiB unless given, 0 for none. */
  readonly cacheBytes?: number | undefined;
  /** After how long without a request a process ends; Infinity, the default, for never. */
  readonly idleUnloadMs?: number | undefined;
  /**
   * How long a text or picture waits for its batch, and how long a batch may take before its process is taken for stuck and
   * killed; 10 s unless given.
   */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a process may take to load, 60 s unless given. */
  readonly loadTimeoutMs?: number | undefined;
  /** Told what happens; must not throw. */
  readonly observe?: ((event: ServingEvent) => void) | undefined;
  /** Shared with other pools: embeddings are kept by fingerprint and text. */
  readonly cache?: EmbeddingCache | undefined;
  /** Shared with other pools, so that one loads at a time. */
  readonly gate?: LoadGate | undefined;
}

/** What happens in a pool, as plain data for metrics and logs. */
export type ServingEvent = { readonly bundle: string } & (
  | { readonly kind: 'queue'; readonly lane: LaneName; readonly length: number }
  /** A batch is back: how many items, how long the oldest had waited, how long the process took. */
  | {
      readonly kind: 'batch';
      readonly lane: LaneName;
      readonly size: number;
      readonly waitMs: number;
      readonly encodeMs: number;
    }
  | { readonly kind: 'loaded'; readonly lane: LaneName; readonly loadMs: number }
  /** A process ended by itself, was killed from outside, was taken for stuck, or could not load. */
  | { readonly kind: 'died'; readonly lane: LaneName; readonly reason: string }
  | { readonly kind: 'unloaded'; readonly lane: LaneName }
  /** Texts of one request that were remembered, joined one already being encoded, or had to be encoded. */
  | { readonly kind: 'lookup'; readonly remembered: number; readonly joined: number; readonly encoded: number }
);

/** The process of one lane now. */
export interface LaneState {
  /** `unloaded`: starts with the next request; `waiting`: it failed and is tried again after a while. */
  readonly status: 'unloaded' | 'loading' | 'ready' | 'waiting' | 'closed';
  readonly pid: number | undefined;
  /** Items that wait for a batch. */
  readonly queued: number;
  /** Items in the process. */
  readonly working: number;
  /** Processes that ended without being told to. */
  readonly deaths: number;
}

export interface PoolState {
  readonly name: string;
  readonly fingerprint: string;
  readonly texts: LaneState;
  readonly pictures: LaneState;
}
