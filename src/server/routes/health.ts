/** @file GET /healthz and /readyz, for whoever keeps the service running. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../env.ts';
import { healthSchema, readinessSchema } from '../schema/health.ts';
import type { Service } from '../service.ts';
import { json, routesApp } from './describe.ts';

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['operations'],
  summary: 'Whether the process answers.',
  responses: { 200: json(healthSchema, 'it does') },
});

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['operations'],
  summary: 'Whether searches are answered now.',
  responses: { 200: json(readinessSchema, 'they are'), 503: json(readinessSchema, 'not yet, or not any more') },
});

export function healthRoutes(service: Service): OpenAPIHono<AppEnv> {
  const app = routesApp();
  app.openapi(healthRoute, (c) => c.json({ status: 'ok' as const }, 200));
  app.openapi(readyRoute, (c) => {
    const states = service.encoders.map((one) => [one.name, one.state().state] as const);
    const indexes = [...service.indexes.values()].map(
      ({ name, overview }) => [name, overview.counted === undefined ? 'counting' : 'open'] as const,
    );
    const rest = { indexes: Object.fromEntries(indexes), bundles: Object.fromEntries(states) };
    if (service.stopping) return c.json({ status: 'stopping' as const, ...rest }, 503);
    const loading = states.some(([, state]) => state === 'loading' || state === 'failed');
    return loading
      ? c.json({ status: 'starting' as const, ...rest }, 503)
      : c.json({ status: 'ready' as const, ...rest }, 200);
  });
  return app;
}
