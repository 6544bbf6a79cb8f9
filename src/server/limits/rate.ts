/** @file How often one caller may ask: a bucket that fills at a rate, from which each request takes one. */
import { LRUCache } from 'lru-cache';
import { DiptychError } from '../../errors/error.ts';
import type { AppContext, Middleware } from '../env.ts';

/** Callers that are remembered; who is forgotten begins with a full bucket. */
const CALLERS = 10_000;

interface Bucket {
  level: number;
  filled: number;
}

/** @param rate requests a second, 0 for no limit; @param burst what a bucket holds */
export function rateLimit(rate: number, burst: number): Middleware {
  const buckets = new LRUCache<string, Bucket>({ max: CALLERS });
  return async (c, next) => {
    if (rate > 0) take(buckets, callerKey(c), rate, burst);
    await next();
  };
}

function take(buckets: LRUCache<string, Bucket>, key: string, rate: number, burst: number): void {
  const now = performance.now() / 1000;
  const bucket = buckets.get(key) ?? { level: burst, filled: now };
  bucket.level = Math.min(burst, bucket.level + (now - bucket.filled) * rate);
  bucket.filled = now;
  buckets.set(key, bucket);
  if (bucket.level < 1)
    throw new DiptychError('DIPTYCH_SERVER_RATE', { seconds: Math.ceil((1 - bucket.level) / rate) });
  bucket.level--;
}

/** The key, or the address of whoever has none. */
function callerKey(c: AppContext): string {
  const name = c.get('caller')?.name;
  if (name !== undefined && name !== null) return `key ${name}`;
  return `address ${c.env?.incoming?.socket.remoteAddress ?? ''}`;
}
