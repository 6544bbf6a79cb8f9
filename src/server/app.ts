/** @file The app: what every request passes, all routes, and the one place where failures become answers. */
import { randomUUID } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { DiptychError } from '../errors/error.ts';
import type { AppContext, AppEnv } from './env.ts';
import { secureHeaders } from './headers.ts';
import { tell } from './problem.ts';
import { routesApp } from './routes/describe.ts';
import { healthRoutes } from './routes/health.ts';
import { indexRoutes } from './routes/indexes.ts';
import { pageRoutes } from './routes/pages.ts';
import { pictureRoutes } from './routes/pictures.ts';
import { searchRoutes } from './routes/search.ts';
import type { Service } from './service.ts';

export interface AppOptions {
  /** Folder of the built pages; those of the package unless given. */
  readonly pages?: string | undefined;
}

/** Makes the app of a service. It answers web-standard requests: `app.request('/v1/indexes')` needs no port. */
export function createApp(service: Service, options: AppOptions = {}): OpenAPIHono<AppEnv> {
  const app = routesApp();
  app.use(async (c, next) => {
    c.set('instance', randomUUID());
    c.set('signal', c.req.raw.signal);
    await next();
    c.header('X-Request-Id', c.get('instance'));
  });
  app.use(secureHeaders);
  for (const routes of [searchRoutes, indexRoutes, pictureRoutes, healthRoutes]) app.route('/', routes(service));
  app.route('/', pageRoutes(options.pages));
  app.notFound((c) =>
    failed(service, c, new DiptychError('DIPTYCH_SERVER_ROUTE', { method: c.req.method, path: c.req.path })),
  );
  app.onError((error, c) => failed(service, c, error));
  return app;
}

function failed(service: Service, c: AppContext, error: unknown): Response {
  const instance = c.get('instance');
  const { status, headers, problem } = tell(error, instance);
  if (status === 500) service.report(error, instance);
  return c.body(JSON.stringify(problem), status, { ...headers, 'Content-Type': 'application/problem+json' });
}
