/** @file The pages: static files that were built into the package, found by a list of what is there, never by a path from outside. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import type { AppContext, AppEnv } from '../env.ts';
import { isKnown, pagePolicy } from '../headers.ts';

/** Where `npm run build` puts the pages, seen from the sources and from what they compile to. */
const builtPages = fileURLToPath(new URL('../../../dist/web/', import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** How often the folder is listed again when something is asked for that was not there. */
const LIST_EVERY_MS = 1_000;

const noPages = `<!doctype html><html lang="en"><title>Diptych</title><h1>Diptych</h1>
<p>The pages are not built; run <code>npm run build</code>. The service itself answers: see <a href="/docs">/docs</a>.</p></html>`;

interface Page {
  readonly path: string;
  readonly type: string;
}

/** @param folder of the built pages */
export function pageRoutes(folder: string = builtPages): Hono<AppEnv> {
  let [pages, listed] = [pagesIn(folder), Date.now()];
  const find = (name: string): Page | undefined => {
    if (!pages.has(name) && Date.now() - listed > LIST_EVERY_MS) [pages, listed] = [pagesIn(folder), Date.now()];
    return pages.get(name);
  };
  const app = new Hono<AppEnv>();
  app.get('*', (c, next) => {
    const path = c.req.path;
    const page = find(path);
    if (page !== undefined) return send(c, page);
    // Addresses of the pages themselves, such as /training: one page, which looks at its address.
    if (path.startsWith('/v1/') || extname(path) !== '') return next();
    const index = find('/index.html');
    return index === undefined ? html(c, noPages, 'no-store') : send(c, index);
  });
  return app;
}

/** Files of a folder by the address that they answer to. */
function pagesIn(folder: string): Map<string, Page> {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return new Map();
  }
  const pages = new Map<string, Page>();
  for (const name of names) {
    const type = types[extname(name)];
    const path = join(folder, name);
    if (type !== undefined && statSync(path).isFile()) pages.set(`/${name.replaceAll('\\', '/')}`, { path, type });
  }
  return pages;
}

function send(c: AppContext, { path, type }: Page): Response | Promise<Response> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return c.notFound();
  }
  // Names of assets hold a hash of their content.
  const caching = /-[\w-]{8}\.\w+$/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
  if (type.startsWith('text/html')) return html(c, bytes.toString('utf8'), caching);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  const headers = { 'Cache-Control': caching, ETag: etag, 'Content-Security-Policy': pagePolicy };
  if (isKnown(c, etag)) return c.body(null, 304, headers);
  return c.body(Uint8Array.from(bytes).buffer, 200, { ...headers, 'Content-Type': type });
}

function html(c: AppContext, text: string, caching: string): Response {
  return c.body(text, 200, {
    'Content-Type': types['.html'],
    'Cache-Control': caching,
    'Content-Security-Policy': pagePolicy,
  });
}
