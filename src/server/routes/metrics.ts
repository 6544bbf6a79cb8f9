/** @file GET /metrics, and the counting of requests. */
import { Hono } from 'hono';
import { routePath } from 'hono/route';
import type { AppEnv, Middleware } from '../env.ts';
import type { Service } from '../service.ts';

/** Counts each request under the pattern of its route. */
export function counting(service: Service): Middleware {
  return async (c, next) => {
    const start = performance.now();
    await next();
    const pattern = routePath(c, -1);
    service.metrics.request(c.req.method, pattern, c.res.status, performance.now() - start);
  };
}

export function metricsRoutes(service: Service): Hono<AppEnv> {
  const { metrics, slots } = service;
  metrics.gauge('diptych_requests_working', 'Requests being worked on.', () => slots.taken);
  metrics.gauge('diptych_requests_waiting', 'Requests that wait for their turn.', () => slots.waiting);
  metrics.gauge('diptych_rows', 'Rows of all indexes.', () =>
    [...service.indexes.values()].reduce((sum, { index }) => sum + index.store.manifest().rows, 0),
  );
  metrics.gauge(
    'diptych_pictures_waiting',
    'Pictures that wait for the process that reads them.',
    () => service.workshop.waiting,
  );
  metrics.gauge(
    'diptych_jobs_open',
    'Jobs that have not ended.',
    () => service.jobs.list().filter(({ ended }) => ended === null).length,
  );
  const app = new Hono<AppEnv>();
  app.get('/metrics', async (c) => {
    const text = await metrics.registry.metrics();
    return c.body(text, 200, { 'Content-Type': metrics.registry.contentType });
  });
  return app;
}
