/** @file /v1/runs: what the page of training needs. Starting and stopping take a key with the scope admin. */
import { readFile } from 'node:fs/promises';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { DiptychError } from '../../errors/error.ts';
import { requires } from '../auth/access.ts';
import type { AppEnv, Middleware } from '../env.ts';
import { isKnown } from '../headers.ts';
import type { Readers } from '../limits/readers.ts';
import type { Thumbnail } from '../pictures/thumbnails.ts';
import { eventStream, json, jsonBody, routesApp, thumbnail } from '../routes/describe.ts';
import { itemParams } from '../schema/common.ts';
import { thumbnailQuery } from '../schema/pictures.ts';
import { resumeRun, startRun, stopRun } from './control.ts';
import { sendEvents } from './events.ts';
import { parsePlace } from './follow.ts';
import type { ServedRuns } from './runs.ts';
import {
  askLookSchema,
  compareQuery,
  comparisonSchema,
  type LookPage,
  lookAnswerSchema,
  lookPages,
  runDetailSchema,
  runEventSchema,
  runParams,
  runsSchema,
  startedSchema,
  startRunSchema,
} from './schema.ts';

/** What runs share with the rest of a service. */
export interface SharedWithRuns {
  readonly readers: Readers;
  readonly thumbnails: { of(id: string, path: string, size: number): Promise<Thumbnail> };
}

const tags = ['runs'];

const listRoute = createRoute({
  method: 'get',
  path: '/v1/runs',
  tags,
  summary: 'All runs of the folder, the one that logged last first.',
  responses: { 200: json(runsSchema, 'the runs') },
});

const compareRoute = createRoute({
  method: 'get',
  path: '/v1/runs/compare',
  tags,
  summary: 'Runs side by side, with their curves.',
  request: { query: compareQuery },
  responses: { 200: json(comparisonSchema, 'the comparison') },
});

const oneRoute = createRoute({
  method: 'get',
  path: '/v1/runs/{run}',
  tags,
  summary: 'One run, with its configuration and what its logs tell.',
  request: { params: runParams },
  responses: { 200: json(runDetailSchema, 'the run') },
});

const eventsRoute = createRoute({
  method: 'get',
  path: '/v1/runs/{run}/events',
  tags,
  summary: 'The logs of a run as server-sent events: all that was logged, then what comes.',
  request: { params: runParams },
  responses: { 200: eventStream(runEventSchema) },
});

const lookRoute = createRoute({
  method: 'get',
  path: '/v1/runs/{run}/look',
  tags,
  summary: 'What a run retrieves on its validation split, as it was last looked at.',
  request: { params: runParams },
  responses: { 200: json(lookAnswerSchema, 'the last look') },
});

const askLookRoute = createRoute({
  method: 'post',
  path: '/v1/runs/{run}/look',
  tags,
  summary: 'Looks at a run now: evaluates a checkpoint in a process of its own.',
  request: { params: runParams, body: jsonBody(askLookSchema) },
  responses: { 202: json(lookAnswerSchema, 'it is under way') },
});

const page = { description: 'the page', content: { 'text/html': { schema: { type: 'string' as const } } } };

const lookPageRoute = (name: LookPage) =>
  createRoute({
    method: 'get',
    path: `/v1/runs/{run}/${name}`,
    tags,
    summary: `The ${name} of the last look as one page.`,
    request: { params: runParams },
    responses: { 200: page },
  });

const comparisonPageRoute = createRoute({
  method: 'get',
  path: '/v1/runs/compare/page',
  tags,
  summary: 'The comparison of runs as one page.',
  request: { query: compareQuery },
  responses: { 200: page },
});

const pictureRoute = createRoute({
  method: 'get',
  path: '/v1/runs/{run}/pictures/{id}',
  tags,
  summary: 'A small picture that the last look shows.',
  request: { params: runParams.extend({ id: itemParams.shape.id }), query: thumbnailQuery },
  responses: { 200: thumbnail },
});

const startRoute = createRoute({
  method: 'post',
  path: '/v1/runs',
  tags,
  summary: 'Begins a run with the configuration of another. Scope admin.',
  request: { body: jsonBody(startRunSchema) },
  responses: { 201: json(startedSchema, 'it trains') },
});

const resumeRoute = createRoute({
  method: 'post',
  path: '/v1/runs/{run}/resume',
  tags,
  summary: 'Takes a stopped run up where it stopped. Scope admin.',
  request: { params: runParams },
  responses: { 202: json(startedSchema, 'it trains') },
});

const stopRoute = createRoute({
  method: 'post',
  path: '/v1/runs/{run}/stop',
  tags,
  summary: 'Asks a run to save and stop. Scope admin.',
  request: { params: runParams },
  responses: { 202: json(startedSchema, 'it was asked') },
});

/** Pages that were made here need their own styles, and pictures within them; nothing in them runs. */
const madePolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

export function runRoutes({ folder, looks }: ServedRuns, { readers, thumbnails }: SharedWithRuns): OpenAPIHono<AppEnv> {
  const app = routesApp();
  app.openapi(listRoute, async (c) => c.json(await folder.list(), 200));
  app.openapi(compareRoute, async (c) => c.json(await folder.compare(c.req.valid('query').run), 200));
  app.openapi(oneRoute, async (c) => c.json(await folder.detail(c.req.valid('param').run), 200));
  app.openapi(eventsRoute, async (c) => {
    const path = await folder.pathOf(c.req.valid('param').run);
    const from = parsePlace(c.req.header('Last-Event-ID'));
    return readers.stream(c, (stream, signal) => sendEvents(stream, folder, path, from, signal));
  });

  app.openapi(lookRoute, async (c) => {
    const { run } = c.req.valid('param');
    await folder.pathOf(run);
    return c.json(looks.answer(run), 200);
  });
  app.openapi(askLookRoute, async (c) => {
    const { run } = c.req.valid('param');
    looks.ask(run, await folder.pathOf(run), c.req.valid('json').checkpoint);
    return c.json(looks.answer(run), 202);
  });
  const made = { 'Content-Security-Policy': madePolicy };
  for (const name of lookPages) {
    app.openapi(lookPageRoute(name), async (c) =>
      c.html(await readFile(looks.pageOf(c.req.valid('param').run, name), 'utf8'), 200, made),
    );
  }
  app.openapi(comparisonPageRoute, async (c) =>
    c.html(await folder.comparisonPage(c.req.valid('query').run), 200, made),
  );
  app.openapi(pictureRoute, async (c) => {
    const { run, id } = c.req.valid('param');
    const { etag, bytes } = await thumbnails.of(id, looks.pictureOf(run, id), Number(c.req.valid('query').size));
    const caching = { ETag: etag, 'Cache-Control': 'private, max-age=3600' };
    if (isKnown(c, etag)) return c.body(null, 304, caching);
    return c.body(Uint8Array.from(await bytes()).buffer, 200, { ...caching, 'Content-Type': 'image/webp' });
  });

  app.use(startRoute.getRoutingPath(), adminKey);
  app.use(resumeRoute.getRoutingPath(), adminKey);
  app.use(stopRoute.getRoutingPath(), adminKey);
  app.openapi(startRoute, async (c) => {
    const request = c.req.valid('json');
    await startRun(folder, request);
    return c.json({ run: request.name }, 201);
  });
  app.openapi(resumeRoute, async (c) => {
    const { run } = c.req.valid('param');
    await resumeRun(folder, run);
    return c.json({ run }, 202);
  });
  app.openapi(stopRoute, async (c) => {
    const { run } = c.req.valid('param');
    await stopRun(folder, run);
    return c.json({ run }, 202);
  });
  return app;
}

/**
 * Lets through who shows a key with the scope admin. Where no keys are needed nobody has one: whoever reaches the port could
 * set the machine to work for days.
 */
const adminKey: Middleware = async (c, next) => {
  if (c.req.method !== 'POST') return next();
  const caller = c.get('caller');
  if (caller === undefined || caller.name === null) throw new DiptychError('DIPTYCH_SERVER_KEY_NEEDED', {});
  return requires('admin')(c, next);
};
