/** @file POST /v1/search, as JSON or with pictures as parts of a form. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../env.ts';
import { pictureReader } from '../pictures/read.ts';
import { searchRequestSchema, searchResponseSchema } from '../schema/search.ts';
import { answerSearch } from '../search/answer.ts';
import type { Service } from '../service.ts';
import { json, jsonBody, routesApp } from './describe.ts';

const searchRoute = createRoute({
  method: 'post',
  path: '/v1/search',
  tags: ['search'],
  summary: 'Finds pictures or captions for a text, a picture, an item, a vector, or several of them.',
  request: { body: jsonBody(searchRequestSchema) },
  responses: { 200: json(searchResponseSchema, 'the best items, highest score first') },
});

export function searchRoutes(service: Service): OpenAPIHono<AppEnv> {
  const app = routesApp();
  app.openapi(searchRoute, async (c) => {
    const read = pictureReader(service);
    return c.json(await answerSearch(service, c.req.valid('json'), read, c.get('signal')), 200);
  });
  return app;
}
