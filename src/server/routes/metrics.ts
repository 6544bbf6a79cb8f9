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
    // The route that answered is the last that was tried.
    service.metrics.request(c.req.method, routePath(c), c.res.status, performance.now() - start);
  };
}

export function metricsRoutes(service: Service): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get('/metrics', async (c) => {
    const text = await service.metrics.registry.metrics();
    return c.body(text, 200, { 'Content-Type': service.metrics.registry.contentType });
  });
  return app;
}
