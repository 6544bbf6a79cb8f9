/** @file POST /v1/search, as JSON or with pictures as parts of a form. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { DiptychError } from '../../errors/error.ts';
import type { AppContext, AppEnv } from '../env.ts';
import { isForm, readForm, readJsonBody } from '../form.ts';
import { pictureReader, type Uploads } from '../pictures/read.ts';
import { searchRequestSchema, searchResponseSchema, searchUploadSchema } from '../schema/search.ts';
import { answerSearch, type CheckedSearch } from '../search/answer.ts';
import type { Service } from '../service.ts';
import { json, jsonOrForm, routesApp } from './describe.ts';

const searchRoute = createRoute({
  method: 'post',
  path: '/v1/search',
  tags: ['search'],
  summary: 'Finds pictures or captions for a text, a picture, an item, a vector, or several of them.',
  description: 'As a form, the file part "image" is the query unless the part "request" holds one.',
  request: { body: jsonOrForm('SearchRequest', 'SearchUpload', 'image') },
  responses: { 200: json(searchResponseSchema, 'the best items, highest score first') },
});

export function searchRoutes(service: Service): OpenAPIHono<AppEnv> {
  const app = routesApp();
  app.openAPIRegistry.register('SearchRequest', searchRequestSchema);
  app.openAPIRegistry.register('SearchUpload', searchUploadSchema);
  app.openapi(searchRoute, async (c) => {
    const { request, uploads } = isForm(c) ? await fromForm(c) : await fromJson(c);
    const answer = await answerSearch(
      service,
      request,
      pictureReader(service.fetching, c.var, uploads),
      c.get('signal'),
    );
    return c.json(answer, 200);
  });
  return app;
}

async function fromJson(c: AppContext): Promise<{ request: CheckedSearch; uploads: Uploads }> {
  return { request: await readJsonBody(c, searchRequestSchema), uploads: new Map() };
}

async function fromForm(c: AppContext): Promise<{ request: CheckedSearch; uploads: Uploads }> {
  const { request, files } = await readForm(c, searchUploadSchema);
  const uploads = new Map(files.map(({ part, file }) => [part, file]));
  if (request.query !== undefined) return { request: { ...request, query: request.query }, uploads };
  if (!uploads.has('image'))
    throw new DiptychError('DIPTYCH_SERVER_FORM', { reason: 'neither a query nor a file part "image"' });
  return { request: { ...request, query: { image: { upload: 'image' } } }, uploads };
}
