/** @file Streams of events, and how many readers of them there may be at once: each holds a connection for as long as it likes. */
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { DiptychError } from '../../errors/error.ts';
import type { AppContext } from '../env.ts';

/** A comment now and then, so that nothing between takes the connection for dead. */
const HEARTBEAT_MS = 15_000;

/** The readers of all streams of a service. */
export class Readers {
  readonly #most: number;
  #open = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get open(): number {
    return this.#open;
  }

  /**
   * Answers with events for as long as `send` goes on.
   *
   * @param send writes events until its signal ends it: the reader has gone, or the service stops
   * @throws DIPTYCH_SERVER_READERS
   */
  stream(c: AppContext, send: (stream: SSEStreamingApi, signal: AbortSignal) => Promise<void>): Response {
    if (this.#open >= this.#most) throw new DiptychError('DIPTYCH_SERVER_READERS', { limit: this.#most });
    this.#open++;
    return streamSSE(c, async (stream) => {
      const left = new AbortController();
      stream.onAbort(() => left.abort());
      const beat = setInterval(() => void stream.write(': still here\n\n'), HEARTBEAT_MS);
      try {
        await send(stream, AbortSignal.any([c.get('signal'), left.signal]));
      } finally {
        clearInterval(beat);
        this.#open--;
      }
    });
  }
}
