/** @file /v1/bundles: which models there are, whether they are loaded; loading and unloading them by hand. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../env.ts';
import { type BundleDescription, bundleParams, bundleSchema, bundlesSchema } from '../schema/bundles.ts';
import type { NamedEncoder, Service } from '../service.ts';
import { json, routesApp } from './describe.ts';

const tags = ['models'];

const listRoute = createRoute({
  method: 'get',
  path: '/v1/bundles',
  tags,
  summary: 'All bundles and what they are doing.',
  responses: { 200: json(bundlesSchema, 'the bundles') },
});

const loadRoute = createRoute({
  method: 'post',
  path: '/v1/bundles/{bundle}/load',
  tags,
  summary: 'Loads a model before somebody waits for it; models load one at a time.',
  request: { params: bundleParams },
  responses: { 200: json(bundleSchema, 'it is loaded') },
});

const unloadRoute = createRoute({
  method: 'post',
  path: '/v1/bundles/{bundle}/unload',
  tags,
  summary: 'Frees the memory of a model until somebody asks it again.',
  request: { params: bundleParams },
  responses: { 200: json(bundleSchema, 'it is unloaded') },
});

export function bundleRoutes(service: Service): OpenAPIHono<AppEnv> {
  const app = routesApp();
  app.openapi(listRoute, (c) => c.json({ bundles: service.encoders.map((one) => describe(service, one)) }, 200));
  app.openapi(loadRoute, async (c) => {
    const bundle = service.bundleNamed(c.req.valid('param').bundle);
    await bundle.preload();
    return c.json(describe(service, bundle), 200);
  });
  app.openapi(unloadRoute, async (c) => {
    const bundle = service.bundleNamed(c.req.valid('param').bundle);
    await bundle.unload();
    return c.json(describe(service, bundle), 200);
  });
  return app;
}

function describe(service: Service, bundle: NamedEncoder): BundleDescription {
  const { fingerprint, dimension } = bundle.encoder;
  const indexes = [...service.indexes.values()].filter(
    ({ index }) => index.store.manifest().fingerprint === fingerprint,
  );
  const { state, error, loaded } = bundle.state();
  return { name: bundle.name, fingerprint, dimension, state, error, loaded, indexes: indexes.map(({ name }) => name) };
}
