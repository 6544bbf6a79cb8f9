/** @file Thumbnails and picture files of items. Only files that the index knows can be reached: paths are never taken from an address. */
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { DiptychError } from '../../errors/error.ts';
import type { Metadata } from '../../index/store.ts';
import type { AppContext, AppEnv } from '../env.ts';
import { isKnown } from '../headers.ts';
import type { ServedIndex } from '../indexes/served-index.ts';
import { HEAD_BYTES, typeOf } from '../pictures/kinds.ts';
import { itemParams } from '../schema/common.ts';
import { thumbnailQuery } from '../schema/pictures.ts';
import type { Service } from '../service.ts';
import { contentKey } from '../views.ts';
import { routesApp, thumbnail } from './describe.ts';

const FOR_EVER = 'private, max-age=31536000, immutable';
const ASK_AGAIN = 'private, no-cache';

const thumbnailRoute = createRoute({
  method: 'get',
  path: '/v1/indexes/{index}/thumbnails/{id}',
  tags: ['items'],
  summary: 'A small picture of an item, as WebP.',
  request: { params: itemParams, query: thumbnailQuery },
  responses: { 200: thumbnail },
});

const pictureRoute = createRoute({
  method: 'get',
  path: '/v1/indexes/{index}/pictures/{id}',
  tags: ['items'],
  summary: 'The picture file of an item.',
  request: { params: itemParams },
  responses: {
    200: { description: 'the file', content: { 'image/*': { schema: { type: 'string', format: 'binary' } } } },
  },
});

export function pictureRoutes(service: Service): OpenAPIHono<AppEnv> {
  const app = routesApp();
  app.openapi(thumbnailRoute, async (c) => {
    const { index, id } = c.req.valid('param');
    const { size, v } = c.req.valid('query');
    const { path, metadata } = await pictureOf(service.indexNamed(index), id);
    const { etag, bytes } = await service.thumbnails.of(id, path, Number(size));
    const known = typeof metadata.sha256 === 'string' && v === contentKey(metadata.sha256);
    const caching = { ETag: etag, 'Cache-Control': known ? FOR_EVER : ASK_AGAIN };
    if (isKnown(c, etag)) return c.body(null, 304, caching);
    const made = await service.metrics.timed('thumbnail', bytes);
    return c.body(Uint8Array.from(made).buffer, 200, { ...caching, 'Content-Type': 'image/webp' });
  });
  app.openapi(pictureRoute, async (c) => {
    const { index, id } = c.req.valid('param');
    const { path } = await pictureOf(service.indexNamed(index), id);
    return sendFile(c, id, path);
  });
  return app;
}

/** Where the picture of an item is; of a caption that of its picture. */
async function pictureOf(index: ServedIndex, id: string): Promise<{ path: string; metadata: Metadata }> {
  const [row] = await index.reading(({ store }) => store.get([id]));
  if (row === undefined) throw new DiptychError('DIPTYCH_SERVER_ITEM_UNKNOWN', { id });
  const { path } = row.metadata;
  if (typeof path === 'string') return { path, metadata: row.metadata };
  throw new DiptychError('DIPTYCH_SERVER_PICTURE_MISSING', { id, reason: 'it was stored as a vector' });
}

async function sendFile(c: AppContext, id: string, path: string): Promise<Response> {
  const missing = (reason: string) => new DiptychError('DIPTYCH_SERVER_PICTURE_MISSING', { id, reason });
  const file = await open(path, 'r').catch(() => Promise.reject(missing('its file is not there')));
  let handed = false;
  try {
    const status = await file.stat();
    if (!status.isFile()) throw missing('its file is not there');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const type = typeOf(buffer.subarray(0, bytesRead));
    if (type === undefined) throw missing('its file is no picture that can be shown');
    const etag = `"${status.size.toString(16)}-${Math.trunc(status.mtimeMs).toString(16)}"`;
    const caching = { ETag: etag, 'Cache-Control': ASK_AGAIN };
    if (isKnown(c, etag)) return c.body(null, 304, caching);
    const headers = { ...caching, 'Content-Type': type, 'Content-Length': String(status.size) };
    if (c.req.method === 'HEAD' || status.size === 0) return c.body(null, 200, headers);
    const stream = file.createReadStream({ start: 0, end: status.size - 1 });
    handed = true;
    return c.body(Readable.toWeb(stream) as ReadableStream<Uint8Array>, 200, headers);
  } finally {
    if (!handed) await file.close();
  }
}
