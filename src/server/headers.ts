/** @file Headers that keep browsers from doing more with an answer than is meant. */
import type { Middleware } from './env.ts';

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
