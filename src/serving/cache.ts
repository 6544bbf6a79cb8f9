/** @file Embeddings of texts, remembered by fingerprint and text, the least recently used forgotten first. */
import { LRUCache } from 'lru-cache';

/** Bytes of an entry beside its numbers and its two-byte letters: objects, keys and links, roughly. */
const OVERHEAD = 256;

export class EmbeddingCache {
  readonly #entries: LRUCache<string, Float32Array> | undefined;

  /** @param bytes that all entries take at most, 0 to remember nothing */
  constructor(bytes: number) {
    if (bytes <= 0) return;
    this.#entries = new LRUCache({
      maxSize: bytes,
      sizeCalculation: (vector, key) => OVERHEAD + vector.byteLength + 2 * key.length,
    });
  }

  get(fingerprint: string, text: string): Float32Array | undefined {
    return this.#entries?.get(`${fingerprint} ${text}`);
  }

  set(fingerprint: string, text: string, vector: Float32Array): void {
    this.#entries?.set(`${fingerprint} ${text}`, vector);
  }

  /** Bytes that the entries take. */
  get bytes(): number {
    return this.#entries?.calculatedSize ?? 0;
  }
}
