/** @file Bodies, read whole within limits before anything else is done for a request. */
import { DiptychError } from '../../errors/error.ts';
import type { Middleware } from '../env.ts';

export interface BodyLimits {
  /** Bytes of one body. */
  readonly body: number;
  /** Bytes of all bodies that are held at once. */
  readonly bodies: number;
}

/** Reads bodies. @throws DIPTYCH_SERVER_BODY, DIPTYCH_SERVER_BUSY */
export function readBodies(limits: BodyLimits): Middleware {
  let held = 0;
  let requests = 0;
  return async (c, next) => {
    const { raw } = c.req;
    const stream = raw.body;
    if (stream === null) return next();
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
      const bytes = await readAll(stream, limits.body, hold);
      c.req.raw = new Request(raw.url, { method: raw.method, headers: raw.headers, body: bytes });
      await next();
    } finally {
      held -= own;
      requests--;
    }
  };
}

async function readAll(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  hold: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      total += part.value.byteLength;
      if (total > limit) throw new DiptychError('DIPTYCH_SERVER_BODY', { limit });
      hold(part.value.byteLength);
      chunks.push(part.value);
    }
  } catch (error) {
    await reader.cancel().catch(() => {});
    throw error;
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
