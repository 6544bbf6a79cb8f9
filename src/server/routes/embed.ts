/** @file POST /v1/embed: texts or pictures to vectors. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { DiptychError } from '../../errors/error.ts';
import { unitVector } from '../../index/rows.ts';
import type { AppEnv } from '../env.ts';
import { pictureReader } from '../pictures/read.ts';
import { embedRequestSchema, embedResponseSchema } from '../schema/embed.ts';
import type { Service } from '../service.ts';
import { json, jsonBody, routesApp } from './describe.ts';

const embedRoute = createRoute({
  method: 'post',
  path: '/v1/embed',
  tags: ['models'],
  summary: 'Texts or pictures to vectors of unit length.',
  request: { body: jsonBody(embedRequestSchema) },
  responses: { 200: json(embedResponseSchema, 'the vectors') },
});

export function embedRoutes(service: Service): OpenAPIHono<AppEnv> {
  const app = routesApp();
  app.openapi(embedRoute, async (c) => {
    const { bundle, texts, images = [] } = c.req.valid('json');
    const { encoder } = service.bundleNamed(bundle);
    const { fingerprint, dimension } = encoder;
    const signal = c.get('signal');
    if (texts?.some((text) => text.trim() === ''))
      throw new DiptychError('DIPTYCH_SEARCH_QUERY', { problem: 'an empty text' });
    const read = pictureReader(service.fetching, c.var);
    const options = { signal, maxPixels: service.limits.pixels };
    const found = await service.metrics.timed('encode', async () =>
      texts === undefined
        ? encoder.encodePictures(await Promise.all(images.map(read)), options)
        : encoder.encodeTexts(texts, { signal }),
    );
    const vectors = found.map((one) => (one instanceof Float32Array ? [...unitVector('input', one, dimension)] : null));
    const errors = found.flatMap((one, position) =>
      one instanceof Float32Array ? [] : [{ position, detail: one.error }],
    );
    return c.json({ fingerprint, dimension, vectors, errors }, 200);
  });
  return app;
}
