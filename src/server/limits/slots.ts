/** @file How much is worked on at once, such as requests; a limited number of others wait their turn. */
import { DiptychError } from '../../errors/error.ts';
import type { Middleware } from '../env.ts';

export class Slots {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs a task when there is room. @throws DIPTYCH_SERVER_BUSY; the reason of the signal, if it comes first */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#taken >= this.#most) await this.#wait(signal);
    else this.#taken++;
    try {
      return await task();
    } finally {
      // The room is handed on, or given back.
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken--;
      else next();
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= this.#mostWaiting) {
      throw new DiptychError('DIPTYCH_SERVER_BUSY', { waiting: this.#waiting.length });
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal?.reason);
      };
      const enter = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(enter);
    });
  }
}

/** Gives each request a slot. */
export function concurrencyLimit(slots: Slots): Middleware {
  return (c, next) => slots.run(next, c.get('signal'));
}
