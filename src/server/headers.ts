/** @file Headers: what keeps browsers from doing more with an answer than is meant, and what they have already. */
import type { AppContext, Middleware } from './env.ts';

/** Pages: their own scripts, styles and pictures, and nothing from anywhere else. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Everything else is data: nothing in it runs. */
const dataPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";

const everywhere: Readonly<Record<string, string>> = {
  'Content-Security-Policy': dataPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/**
 * Sets what holds for every answer; what a route sets itself stands instead. Before the answer is there: one that is there would
 * be made anew for each header.
 */
export const secureHeaders: Middleware = async (c, next) => {
  for (const [name, value] of Object.entries(everywhere)) c.header(name, value);
  await next();
};

/** Whether who asks has the answer of this ETag already (304); what lies between may have made it a weak one. */
export function isKnown(c: AppContext, etag: string): boolean {
  return (c.req.header('If-None-Match') ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}
