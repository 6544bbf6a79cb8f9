/** @file Texts before they are queued: those remembered need no encoding, those being encoded for others are shared. */
import type { EmbeddingCache } from './cache.ts';
import type { Lane, Ticket } from './lane.ts';
import { settled } from './tickets.ts';

/** Where the vectors of one request came from. */
export interface LookupCounts {
  readonly remembered: number;
  readonly joined: number;
  readonly encoded: number;
}

/** A text on its way, and how many wait for it. */
interface Shared {
  readonly ticket: Ticket<Float32Array>;
  users: number;
}

export class TextLookup {
  readonly #fingerprint: string;
  readonly #cache: EmbeddingCache;
  readonly #lane: Lane<string, Float32Array>;
  readonly #observe: (counts: LookupCounts) => void;
  readonly #shared = new Map<string, Shared>();

  constructor(
    fingerprint: string,
    cache: EmbeddingCache,
    lane: Lane<string, Float32Array>,
    observe: (counts: LookupCounts) => void,
  ) {
    this.#fingerprint = fingerprint;
    this.#cache = cache;
    this.#lane = lane;
    this.#observe = observe;
  }

  /** One vector for each text, copies. @throws what queueing and encoding throw; the reason of the signal */
  async vectors(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const known = texts.map((text) => this.#cache.get(this.#fingerprint, text));
    const wanted = texts.filter((_, i) => known[i] === undefined);
    const joined = wanted.filter((text) => this.#shared.has(text)).length;
    this.#observe({
      remembered: texts.length - wanted.length,
      joined,
      encoded: wanted.length - joined,
    });
    const found = (await settled(wanted, (text) => this.#join(text), signal)).values();
    return known.map((vector) => (vector ?? found.next().value!).slice());
  }

  #join(text: string): Ticket<Float32Array> {
    const shared = this.#shared.get(text) ?? this.#begin(text);
    shared.users++;
    return { vector: shared.ticket.vector, cancel: () => this.#leave(text, shared) };
  }

  #begin(text: string): Shared {
    const shared: Shared = { ticket: this.#lane.submit(text), users: 0 };
    this.#shared.set(text, shared);
    const end = (): void => {
      if (this.#shared.get(text) === shared) this.#shared.delete(text);
    };
    shared.ticket.vector.then((vector) => {
      this.#cache.set(this.#fingerprint, text, vector);
      end();
    }, end);
    return shared;
  }

  #leave(text: string, shared: Shared): void {
    shared.users--;
    if (shared.users > 0) return;
    // Taken out of the queue it may never be encoded: whoever asks from now on starts anew.
    if (this.#shared.get(text) === shared) this.#shared.delete(text);
    shared.ticket.cancel();
  }
}
