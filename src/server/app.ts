/** @file The app: what every request passes, all routes, and the one place where failures become answers. */
import { randomUUID } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { DiptychError } from '../errors/error.ts';
import { access } from './auth/access.ts';
import type { Keys } from './auth/keys.ts';
import { sameSite } from './auth/origin.ts';
import type { AppContext, AppEnv } from './env.ts';
import { secureHeaders } from './headers.ts';
import { readBodies } from './limits/body.ts';
import { rateLimit } from './limits/rate.ts';
import { concurrencyLimit } from './limits/slots.ts';
import { timeLimit } from './limits/time.ts';
import { tell } from './problem.ts';
import { bundleRoutes } from './routes/bundles.ts';
import { routesApp } from './routes/describe.ts';
import { docsRoutes } from './routes/docs.ts';
import { duplicateRoutes } from './routes/duplicates.ts';
import { embedRoutes } from './routes/embed.ts';
import { healthRoutes } from './routes/health.ts';
import { indexRoutes } from './routes/indexes.ts';
import { itemRoutes } from './routes/items.ts';
import { jobRoutes } from './routes/jobs.ts';
import { counting, metricsRoutes } from './routes/metrics.ts';
import { pageRoutes } from './routes/pages.ts';
import { pictureRoutes } from './routes/pictures.ts';
import { searchRoutes } from './routes/search.ts';
import { sessionRoutes } from './routes/session.ts';
import { runRoutes } from './runs/routes.ts';
import type { ServedRuns } from './runs/runs.ts';
import type { Service } from './service.ts';

/** Routes of each resource. */
const resources = [
  searchRoutes,
  indexRoutes,
  pictureRoutes,
  itemRoutes,
  duplicateRoutes,
  jobRoutes,
  embedRoutes,
  bundleRoutes,
  healthRoutes,
];

export interface AppOptions {
  /** Folder of the built pages; those of the package unless given. */
  readonly pages?: string | undefined;
  /** Who may ask; everybody unless given. */
  readonly keys?: Keys | undefined;
  /** The runs of training that are shown; none unless given. */
  readonly runs?: ServedRuns | undefined;
  /** Names by which the service may be called; any unless given. */
  readonly names?: readonly string[] | undefined;
}

/** Makes the app of a service. It answers web-standard requests: `app.request('/v1/indexes')` needs no port. */
export function createApp(service: Service, options: AppOptions = {}): OpenAPIHono<AppEnv> {
  const { limits } = service;
  const app = routesApp();
  app.use(async (c, next) => {
    const instance = randomUUID();
    c.set('instance', instance);
    c.header('X-Request-Id', instance);
    await next();
    if (service.stopping) c.header('Connection', 'close');
  });
  app.use(counting(service), secureHeaders, sameSite(options.names), access(options.keys));
  app.use(
    '/v1/*',
    rateLimit(limits.rate, limits.burst),
    timeLimit(limits.seconds, service.stopSignal),
    readBodies(limits),
  );
  app.use('/v1/*', concurrencyLimit(service.slots));

  for (const routes of resources) app.route('/', routes(service));
  const { runs } = options;
  if (runs !== undefined) app.route('/', runRoutes(runs, service));
  app.route('/', sessionRoutes(options.keys));
  app.route('/', metricsRoutes(service));
  app.route('/', docsRoutes(app));
  app.route('/', pageRoutes(options.pages));
  app.notFound((c) => {
    const { method, path } = c.req;
    return failed(service, c, new DiptychError('DIPTYCH_SERVER_ROUTE', { method, path }));
  });
  app.onError((error, c) => failed(service, c, error));
  return app;
}

function failed(service: Service, c: AppContext, error: unknown): Response {
  const instance = c.get('instance');
  const { status, headers, problem } = tell(error, instance);
  if (status === 500) service.report(error, instance);
  return c.body(JSON.stringify(problem), status, { ...headers, 'Content-Type': 'application/problem+json' });
}
