/** @file Bodies, read whole within limits before anything else is done for a request. */
import { DiptychError } from '../../errors/error.ts';
import type { AppContext, Middleware } from '../env.ts';
import { type Held, HeldBytes } from './held.ts';
import type { Limits } from './limits.ts';

/**
 * Reads bodies, and counts what each request holds until it has ended.
 *
 * @throws DIPTYCH_SERVER_BODY, DIPTYCH_SERVER_BUSY, DIPTYCH_SERVER_GONE
 */
export function readBodies(limits: Pick<Limits, 'body' | 'bodies'>): Middleware {
  const all = new HeldBytes(limits.bodies);
  return async (c, next) => {
    const held = all.begin();
    c.set('held', held);
    try {
      const chunks = chunksOf(c);
      if (chunks !== null) {
        const claimed = Number(c.req.header('Content-Length') ?? 0);
        if (claimed > limits.body) throw new DiptychError('DIPTYCH_SERVER_BODY', { limit: limits.body });
        const body = await readAll(chunks, limits.body, held).catch((error) => {
          // A connection that ends in the middle is no failure of ours.
          c.get('signal').throwIfAborted();
          throw error;
        });
        // Where Hono keeps what it has read: declared as the value, used as its promise.
        c.req.bodyCache.arrayBuffer = Promise.resolve(body) as never;
      }
      await next();
    } finally {
      held.end();
    }
  };
}

/**
 * A body piece by piece; null for none. From the connection itself, where there is one: the web's `Request` with its streams would
 * be kept as long as the request waits for the model, and hundreds of those make garbage collections long.
 */
function chunksOf(c: AppContext): AsyncIterable<Uint8Array> | null {
  const incoming = c.env?.incoming;
  if (incoming === undefined) return c.req.raw.body;
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return null;
  // Who sends too much is told so, on the same connection.
  return incoming.iterator({ destroyOnReturn: false });
}

async function readAll(body: AsyncIterable<Uint8Array>, limit: number, held: Held): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.byteLength;
    if (total > limit) throw new DiptychError('DIPTYCH_SERVER_BODY', { limit });
    held.take(chunk.byteLength);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes.buffer;
}
