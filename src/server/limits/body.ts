/** @file Bodies, read whole within limits before anything else is done for a request. */
import { DiptychError } from '../../errors/error.ts';
import type { AppContext, Middleware } from '../env.ts';

export interface BodyLimits {
  /** Bytes of one body. */
  readonly body: number;
  /** Bytes of all bodies that are held at once. */
  readonly bodies: number;
}

/** Reads bodies. @throws DIPTYCH_SERVER_BODY, DIPTYCH_SERVER_BUSY, DIPTYCH_SERVER_GONE */
export function readBodies(limits: BodyLimits): Middleware {
  let held = 0;
  let requests = 0;
  return async (c, next) => {
    const chunks = chunksOf(c);
    if (chunks === null) return next();
    const claimed = Number(c.req.header('Content-Length') ?? 0);
    if (claimed > limits.body) throw new DiptychError('DIPTYCH_SERVER_BODY', { limit: limits.body });
    let own = 0;
    const hold = (bytes: number): void => {
      if (held + bytes > limits.bodies) throw new DiptychError('DIPTYCH_SERVER_BUSY', { waiting: requests });
      own += bytes;
      held += bytes;
    };
    requests++;
    try {
      const body = await readAll(chunks, limits.body, hold).catch((error) => {
        // A connection that ends in the middle is no failure of ours.
        c.get('signal').throwIfAborted();
        throw error;
      });
      // Where Hono keeps what it has read: declared as the value, used as its promise.
      c.req.bodyCache.arrayBuffer = Promise.resolve(body) as never;
      await next();
    } finally {
      held -= own;
      requests--;
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

async function readAll(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  hold: (bytes: number) => void,
): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.byteLength;
    if (total > limit) throw new DiptychError('DIPTYCH_SERVER_BODY', { limit });
    hold(chunk.byteLength);
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
