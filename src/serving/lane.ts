/**
 * @file What waits to be encoded, and the process that encodes it in batches. An idle process begins with what there is; what
 * arrives while it computes makes the next batch. So one client never waits for others, and many share the work.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DiptychError } from '../errors/error.ts';
import type { LaneState } from './options.ts';
import type { Supervised, Supervisor } from './supervisor.ts';
import { unavailable } from './unavailable.ts';

/** A process that encodes. */
export interface EncodingProcess<Item, Vector> extends Supervised {
  /** One result for each item, in order. */
  encode(items: readonly Item[]): Promise<Vector[]>;
}

export interface LaneOptions<Item, Vector> {
  /** What errors call it. */
  readonly name: string;
  /** What items are called in errors: texts, pictures. */
  readonly things: string;
  readonly supervisor: Supervisor<EncodingProcess<Item, Vector>>;
  readonly maxBatch: number;
  /** Batches in the process at once. */
  readonly batches: number;
  readonly maxWaitMs: number;
  readonly maxQueue: number;
  /** Of items that wait or are worked on. */
  readonly maxBytes: number;
  readonly idleUnloadMs: number;
  readonly requestTimeoutMs: number;
  readonly queued: (length: number) => void;
  readonly encoded: (size: number, waitMs: number, encodeMs: number) => void;
}

/** An item on its way. */
export interface Ticket<Vector> {
  readonly vector: Promise<Vector>;
  /** Takes it out of the queue if it still waits there; its promise then stays open. */
  cancel(): void;
}

interface Waiting<Item, Vector> {
  readonly item: Item;
  readonly bytes: number;
  readonly since: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (vector: Vector) => void;
  readonly reject: (error: unknown) => void;
}

export class Lane<Item, Vector> {
  readonly #options: LaneOptions<Item, Vector>;
  /** In the order of arrival. */
  readonly #queue = new Set<Waiting<Item, Vector>>();
  /** Batches in the process, or about to be. */
  #batches = 0;
  #working = 0;
  #bytes = 0;
  #gathering = false;
  #closing = false;
  #idle: NodeJS.Timeout | undefined;
  #whenDrained: (() => void)[] = [];

  constructor(options: LaneOptions<Item, Vector>) {
    this.#options = options;
  }

  get state(): LaneState {
    const { status, pid, deaths } = this.#options.supervisor;
    return { status, pid, deaths, queued: this.#queue.size, working: this.#working };
  }

  /**
   * Queues an item.
   *
   * @param bytes what it takes in memory, where that counts
   * @throws DIPTYCH_SERVING_BUSY, DIPTYCH_SERVING_UNAVAILABLE (closing). Its promise may fail with DIPTYCH_SERVING_UNAVAILABLE
   *   and with what starting the process throws
   */
  submit(item: Item, bytes = 0): Ticket<Vector> {
    const { name, requestTimeoutMs } = this.#options;
    if (this.#closing) throw unavailable(name, 'it is closing');
    this.#requireRoom(bytes);
    let entry!: Waiting<Item, Vector>;
    const vector = new Promise<Vector>((resolve, reject) => {
      const late = (): void => {
        this.#remove(entry);
        reject(unavailable(name, `it waited ${requestTimeoutMs} ms for its turn`));
      };
      const timer = setTimeout(late, requestTimeoutMs);
      entry = { item, bytes, since: performance.now(), timer, resolve, reject };
    });
    this.#queue.add(entry);
    this.#bytes += bytes;
    this.#options.queued(this.#queue.size);
    void this.#pump();
    return { vector, cancel: () => this.#remove(entry) };
  }

  /** Loads the process, so that the next request finds it ready. @throws what starting it throws */
  async preload(): Promise<void> {
    await this.#options.supervisor.get();
    this.#rest();
  }

  /** Ends the process when it has done what it has, until it is needed again. */
  async unload(): Promise<void> {
    await this.#drained();
    await this.#options.supervisor.unload();
  }

  /** Refuses new items, finishes the others, ends the process. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#drained();
    clearTimeout(this.#idle);
    await this.#options.supervisor.close();
  }

  #requireRoom(bytes: number): void {
    const { name, things, maxQueue, maxBytes } = this.#options;
    const refuse = (waiting: string, limit: string) =>
      new DiptychError('DIPTYCH_SERVING_BUSY', { bundle: name, waiting, limit, retrySeconds: 1 });
    if (this.#queue.size >= maxQueue) throw refuse(`${this.#queue.size} ${things}`, String(maxQueue));
    // One alone is always let in: how large it may be is for others to say.
    if (this.#bytes > 0 && this.#bytes + bytes > maxBytes) {
      throw refuse(`${this.#bytes} bytes of ${things}`, `${maxBytes} bytes`);
    }
  }

  #remove(entry: Waiting<Item, Vector>): void {
    clearTimeout(entry.timer);
    if (!this.#queue.delete(entry)) return;
    this.#bytes -= entry.bytes;
    this.#options.queued(this.#queue.size);
    if (this.#queue.size === 0) this.#rest();
  }

  /** Begins batches while there is work and room for them. */
  async #pump(): Promise<void> {
    const { batches, maxBatch, maxWaitMs } = this.#options;
    if (this.#gathering || this.#batches >= batches || this.#queue.size === 0) return;
    clearTimeout(this.#idle);
    this.#gathering = true;
    // Requests that came with the same turn of the event loop go together.
    if (maxWaitMs > 0 && this.#queue.size < maxBatch) await new Promise((resolve) => setTimeout(resolve, maxWaitMs));
    else await nextTurn();
    this.#gathering = false;
    this.#batches++;
    void this.#pump();
    await this.#encodeSome();
    this.#batches--;
    if (this.#queue.size > 0) await this.#pump();
    else this.#rest();
  }

  async #encodeSome(): Promise<void> {
    const { supervisor, maxBatch } = this.#options;
    let process: EncodingProcess<Item, Vector>;
    try {
      process = await supervisor.get();
    } catch (error) {
      for (const entry of [...this.#queue]) {
        this.#remove(entry);
        entry.reject(error);
      }
      return;
    }
    const batch = [...this.#queue].slice(0, maxBatch);
    if (batch.length === 0) return;
    for (const entry of batch) {
      clearTimeout(entry.timer);
      this.#queue.delete(entry);
    }
    this.#options.queued(this.#queue.size);
    this.#working += batch.length;
    await this.#encode(process, batch);
    this.#working -= batch.length;
    for (const { bytes } of batch) this.#bytes -= bytes;
  }

  async #encode(process: EncodingProcess<Item, Vector>, batch: readonly Waiting<Item, Vector>[]): Promise<void> {
    const { name, supervisor, requestTimeoutMs, encoded } = this.#options;
    const since = performance.now();
    const reason = `a batch took more than ${requestTimeoutMs} ms`;
    let stuck = false;
    const timer = setTimeout(() => {
      stuck = true;
      void supervisor.kill(process, reason);
    }, requestTimeoutMs);
    try {
      const vectors = await process.encode(batch.map(({ item }) => item));
      supervisor.served();
      encoded(batch.length, since - batch[0].since, performance.now() - since);
      batch.forEach(({ resolve }, i) => {
        resolve(vectors[i]);
      });
    } catch (error) {
      for (const { reject } of batch) reject(stuck ? unavailable(name, reason) : error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Nothing to do: whoever waits for that is told, and after a while the process ends. */
  #rest(): void {
    if (this.#queue.size > 0 || this.#batches > 0 || this.#gathering) return;
    for (const tell of this.#whenDrained.splice(0)) tell();
    const { idleUnloadMs, supervisor } = this.#options;
    clearTimeout(this.#idle);
    if (Number.isFinite(idleUnloadMs)) this.#idle = setTimeout(() => void supervisor.unload(), idleUnloadMs).unref();
  }

  async #drained(): Promise<void> {
    if (this.#queue.size === 0 && this.#batches === 0 && !this.#gathering) return;
    await new Promise<void>((resolve) => this.#whenDrained.push(resolve));
  }
}
