/** @file Jobs: asked for of an index, listed, watched by server-sent events, cancelled. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../env.ts';
import { indexParams } from '../schema/common.ts';
import {
  type Job,
  type JobEvent,
  jobAnswerSchema,
  jobEventSchema,
  jobParams,
  jobsSchema,
  newJobSchema,
} from '../schema/jobs.ts';
import type { Service } from '../service.ts';
import { eventStream, json, jsonBody, routesApp } from './describe.ts';

const tags = ['jobs'];

const newRoute = createRoute({
  method: 'post',
  path: '/v1/indexes/{index}/jobs',
  tags,
  summary: 'Brings the index to where its folders are now, beside the answering of searches.',
  request: { params: indexParams, body: jsonBody(newJobSchema) },
  responses: { 202: json(jobAnswerSchema, 'the job is accepted; it survives a restart') },
});

const listRoute = createRoute({
  method: 'get',
  path: '/v1/jobs',
  tags,
  summary: 'Jobs, newest first.',
  responses: { 200: json(jobsSchema, 'the jobs') },
});

const showRoute = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}',
  tags,
  summary: 'One job.',
  request: { params: jobParams },
  responses: { 200: json(jobAnswerSchema, 'the job') },
});

const cancelRoute = createRoute({
  method: 'delete',
  path: '/v1/jobs/{id}',
  tags,
  summary: 'Cancels a job; what it has stored stays.',
  request: { params: jobParams },
  responses: { 200: json(jobAnswerSchema, 'the job') },
});

const eventsRoute = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/events',
  tags,
  summary: 'What happens in a job as server-sent events: state, progress, quarantined.',
  request: { params: jobParams },
  responses: { 200: eventStream(jobEventSchema) },
});

/** Events that wait for a slow reader; beyond, it is cut off and asks again. */
const MOST_EVENTS = 5_000;

export function jobRoutes(service: Service): OpenAPIHono<AppEnv> {
  const app = routesApp();
  const { jobs } = service;
  const shown = (job: Job): Job =>
    service.showPaths ? job : { ...job, folder: null, quarantined: job.quarantined.map(withoutPath) };

  app.openapi(newRoute, async (c) => {
    const index = service.indexNamed(c.req.valid('param').index);
    return c.json({ job: shown(await jobs.add(index.name, c.req.valid('json'))) }, 202);
  });
  app.openapi(listRoute, (c) => c.json({ jobs: jobs.list().map(shown) }, 200));
  app.openapi(showRoute, (c) => c.json({ job: shown(jobs.get(c.req.valid('param').id)) }, 200));
  app.openapi(cancelRoute, async (c) => c.json({ job: shown(await jobs.cancel(c.req.valid('param').id)) }, 200));

  app.openapi(eventsRoute, (c) => {
    const { id } = c.req.valid('param');
    const job = jobs.get(id);
    return service.readers.stream(c, async (stream, signal) => {
      const events: JobEvent[] = [{ event: 'state', data: job }];
      let wake = (): void => {};
      const stop = jobs.watch(id, (event) => {
        events.push(event);
        wake();
      });
      const leave = (): void => wake();
      signal.addEventListener('abort', leave);
      try {
        while (!signal.aborted && events.length < MOST_EVENTS) {
          const event = events.shift();
          if (event === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          await stream.writeSSE({ event: event.event, data: JSON.stringify(dataOf(event, shown, service.showPaths)) });
          if (event.event === 'state' && event.data.ended !== null) return;
        }
      } finally {
        signal.removeEventListener('abort', leave);
        stop();
      }
    });
  });
  return app;
}

function dataOf(event: JobEvent, shown: (job: Job) => Job, showPaths: boolean): unknown {
  if (event.event === 'state') return shown(event.data);
  return event.event === 'quarantined' && !showPaths ? withoutPath(event.data) : event.data;
}

/** Ids say which picture is meant, where files may not be named. */
function withoutPath<T extends { file: string; id?: string | undefined }>(quarantined: T): T {
  return { ...quarantined, file: quarantined.id ?? '' };
}
