/** @file GET /v1/indexes and /v1/indexes/{index}: what there is to search in. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../env.ts';
import type { ServedIndex } from '../indexes/served-index.ts';
import { indexParams } from '../schema/common.ts';
import { type FieldDescription, type IndexDescription, indexesSchema, indexSchema } from '../schema/indexes.ts';
import type { Service } from '../service.ts';
import { visibleFields } from '../views.ts';
import { json, routesApp } from './describe.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/v1/indexes',
  tags: ['indexes'],
  summary: 'All indexes, with the fields that can be filtered by.',
  responses: { 200: json(indexesSchema, 'the indexes') },
});

const oneRoute = createRoute({
  method: 'get',
  path: '/v1/indexes/{index}',
  tags: ['indexes'],
  summary: 'One index.',
  request: { params: indexParams },
  responses: { 200: json(indexSchema, 'the index') },
});

export function indexRoutes(service: Service): OpenAPIHono<AppEnv> {
  const app = routesApp();
  app.openapi(listRoute, (c) =>
    c.json({ indexes: [...service.indexes.values()].map((one) => describe(service, one)) }, 200),
  );
  app.openapi(oneRoute, (c) => c.json(describe(service, service.indexNamed(c.req.valid('param').index)), 200));
  return app;
}

function describe(service: Service, served: ServedIndex): IndexDescription {
  const { store } = served.index;
  const { rows, dimension, fingerprint, updated, fields } = store.manifest();
  const { counted } = served.overview;
  const described = visibleFields(fields, service.showPaths).map((name): [string, FieldDescription] => [
    name,
    counted?.fields[name] ?? { types: [...fields[name]] },
  ]);
  return {
    name: served.name,
    rows,
    images: counted?.images ?? null,
    captions: counted?.captions ?? null,
    dimension,
    fingerprint,
    version: served.version,
    updated,
    fields: Object.fromEntries(described),
    bundle: service.encoderOf(fingerprint)?.name ?? null,
  };
}
