/** @file Runs over HTTP: a real one of a few steps, listed, followed, looked at, begun again, stopped. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { sharedFolder, trainPixels } from '../../bundle/testing/trained.ts';
import { type Caller, everybody } from '../auth/keys.ts';
import { Readers } from '../limits/readers.ts';
import { tell } from '../problem.ts';
import { routesApp } from '../routes/describe.ts';
import { scopes } from '../schema/session.ts';
import { runRoutes } from './routes.ts';
import { type ServedRuns, serveRuns } from './runs.ts';

const folder = sharedFolder();
const runsFolder = join(folder, 'runs');
let runs: ServedRuns;

beforeAll(async () => {
  const { run } = await trainPixels(folder);
  mkdirSync(runsFolder);
  cpSync(run, join(runsFolder, 'first'), { recursive: true });
  mkdirSync(join(runsFolder, 'broken'));
  writeFileSync(join(runsFolder, 'broken', 'run.json'), '{"format": 7}');
  mkdirSync(join(runsFolder, 'no run'));
  runs = serveRuns(runsFolder);
}, 120_000);
afterAll(() => runs.close());

const boss: Caller = { name: 'boss', scopes };

function appWith(caller: Caller | undefined = boss) {
  const app = routesApp();
  app.use(async (c, next) => {
    c.set('signal', c.req.raw.signal);
    c.set('caller', caller);
    await next();
  });
  const readers = new Readers(8);
  const thumbnails = {
    async of(_: string, path: string, size: number) {
      return { etag: '"x"', bytes: () => sharp(path).resize(size).webp().toBuffer() };
    },
  };
  app.route('/', runRoutes(runs, { readers, thumbnails }));
  app.onError((error, c) => {
    const { status, problem } = tell(error, 'test');
    return c.json(problem, status);
  });
  const post = (path: string, body?: unknown) =>
    app.request(path, {
      method: 'POST',
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
  const get = async (path: string) => (await app.request(path)).json();
  return { app, post, get };
}

test('runs are listed with what they reached, and those that cannot be read with the reason', async () => {
  const { get } = appWith();
  const { runs: listed, unreadable } = await get('/v1/runs');
  expect(listed).toHaveLength(1);
  expect(listed[0]).toMatchObject({ name: 'first', state: 'finished', steps: 4, length: 4, valSplit: 'val' });
  expect(listed[0].best.rsum).toBeGreaterThan(0);
  expect(unreadable).toEqual([{ name: 'broken', code: 'DIPTYCH_RUN_DAMAGED', detail: expect.any(String) }]);
  expect(JSON.stringify(unreadable)).not.toContain(folder);
  const detail = await get('/v1/runs/first');
  expect(detail.configuration.training.batchSize).toBe(16);
  expect(detail.findings.map(({ name }: { name: string }) => name)).toContain('Loss');
  expect((await get('/v1/runs/gone')).code).toBe('DIPTYCH_SERVER_RUN_UNKNOWN');
  expect((await get('/v1/runs/..%2Ffirst')).code).not.toBeUndefined();
});

test('runs are compared, with what makes them unfit for it', async () => {
  cpSync(join(runsFolder, 'first'), join(runsFolder, 'second'), { recursive: true });
  const { runs: compared, remarks } = await appWith().get('/v1/runs/compare?run=first&run=second');
  expect(compared.map(({ letter, name }: Record<string, string>) => `${letter} ${name}`)).toEqual([
    'A first',
    'B second',
  ]);
  expect(compared[0].curves.rsum).toEqual(compared[1].curves.rsum);
  expect(remarks).toEqual([]);
  const page = await madePage(appWith().app, '/v1/runs/compare/page?run=first&run=second');
  expect(page).toContain('Runs side by side');
  expect(page).not.toContain(runsFolder);
});

test('the logs come as events: what is there, what is added, and from where a reader left off', async () => {
  const { app } = appWith();
  const log = join(runsFolder, 'first', 'metrics.jsonl');
  const lines = readFileSync(log, 'utf8');
  onTestFinished(() => writeFileSync(log, lines));
  const reader = await follow(app, {});
  expect((await reader.event('records')).data).toHaveLength(lines.trim().split('\n').length + 4);
  const { data: state } = await reader.event('state');
  expect(state).toEqual({ state: 'finished' });
  writeFileSync(log, `${lines}{"kind":"train","step":5,"epoch":1,"loss":2}\n`);
  const added = await reader.event('records');
  expect(added.data).toEqual([{ kind: 'train', step: 5, epoch: 1, values: { loss: 2 } }]);
  writeFileSync(log, lines);
  await reader.event('reset');
  expect((await reader.event('records')).data.length).toBeGreaterThan(4);
  reader.close();
  const later = await follow(app, { 'Last-Event-ID': added.id });
  await later.event('reset');
  later.close();
});

test('a look evaluates the last checkpoint, shows samples with pictures, and has a report', async () => {
  const { app, get, post } = appWith();
  expect(await get('/v1/runs/first/look')).toEqual({ state: 'none', look: null, error: null });
  expect((await get('/v1/runs/first/report')).code).toBe('DIPTYCH_SERVER_RUN_LOOK');
  expect((await (await post('/v1/runs/first/look', {})).json()).state).toBe('working');
  const answer = await until(async () => {
    const now = await get('/v1/runs/first/look');
    return now.state === 'working' ? undefined : now;
  });
  expect(answer.error).toBeNull();
  const { look } = answer;
  expect(look).toMatchObject({ split: 'val', images: 16, checkpoint: 'last' });
  expect(look.findings.length).toBeGreaterThan(3);
  const pictures = look.worst.filter(({ direction }: { direction: string }) => direction === 'textToImage');
  expect(pictures[0].query.text).toBeTruthy();
  const picture = await app.request(pictures[0].retrieved[0].thumbnail);
  expect(picture.headers.get('content-type')).toBe('image/webp');
  const known = { 'If-None-Match': `W/${picture.headers.get('etag')}` };
  expect((await app.request(pictures[0].retrieved[0].thumbnail, { headers: known })).status).toBe(304);
  expect(JSON.stringify(look)).not.toContain(folder);
  const names = look.findings.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(['Above chance', 'Hubs', 'Directions in use']));
  expect(await madePage(app, look.report)).toContain('first');
  expect(await madePage(app, look.diagnosis)).toContain('Diagnosis of');
  expect((await get('/v1/runs/first/pictures/run.json')).code).toBe('DIPTYCH_SERVER_ITEM_UNKNOWN');
}, 120_000);

test('who may not, does not start or stop', async () => {
  const writer: Caller = { name: 'writer', scopes: ['read', 'write'] };
  for (const [caller, status] of [
    [everybody, 401],
    [writer, 403],
  ] as const) {
    const { post, get } = appWith(caller);
    for (const path of ['/v1/runs', '/v1/runs/first/resume', '/v1/runs/first/stop'])
      expect((await post(path, { from: 'first', name: 'third' })).status, path).toBe(status);
    expect((await get('/v1/runs')).runs.length).toBeGreaterThan(0);
  }
});

test('a run is begun like another, is stopped, and is taken up', async () => {
  const { post, get } = appWith();
  const code = async (answer: Response | Promise<Response>) => (await (await answer).json()).code;
  const state = async (name: string) => (await get(`/v1/runs/${name}`)).state;
  // A program takes long to start on a busy machine: the answer may come before it has the run.
  const comesTo = (wanted: string) => until(async () => (await state('third')) === wanted || undefined);
  onTestFinished(async () => {
    await post('/v1/runs/third/stop');
  });
  const request = { from: 'first', name: 'third', seed: 5, epochs: 100_000 };
  const begun = await post('/v1/runs', request);
  expect([begun.status, await begun.json()]).toEqual([201, { run: 'third' }]);
  await comesTo('training');
  // The first was 4 steps long; epochs take their place.
  expect(await get('/v1/runs/third')).toMatchObject({ seed: 5, length: 100_000 * 15 });
  expect(await code(post('/v1/runs', request))).toBe('DIPTYCH_SERVER_RUN_STATE');
  expect(await code(post('/v1/runs/third/resume'))).toBe('DIPTYCH_SERVER_RUN_STATE');
  expect((await post('/v1/runs/third/stop')).status).toBe(202);
  await comesTo('stopped');
  expect(await code(post('/v1/runs/third/stop'))).toBe('DIPTYCH_SERVER_RUN_STATE');
  expect((await post('/v1/runs/third/resume')).status).toBe(202);
  await comesTo('training');
  await post('/v1/runs/third/stop');
  await comesTo('stopped');
}, 180_000);

/** A page that was made here: a browser runs nothing in it. */
async function madePage(app: ReturnType<typeof appWith>['app'], path: string): Promise<string> {
  const answer = await app.request(path);
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none';.* sandbox$/);
  const text = await answer.text();
  expect(text).toContain('<!doctype html>');
  expect(text).not.toContain('<script');
  return text;
}

/** Asks again and again until there is an answer; not for ever. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const began = Date.now();
  while (Date.now() - began < 90_000) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('no answer within 90 s');
}

interface Told {
  readonly event: string;
  readonly id: string;
  readonly data: ReturnType<typeof JSON.parse>;
}

async function follow(app: ReturnType<typeof appWith>['app'], headers: Record<string, string>) {
  const stop = new AbortController();
  const answer = await app.request(new Request('http://x/v1/runs/first/events', { headers, signal: stop.signal }));
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  return {
    /** The next event, which must have this name. */
    async event(name: string): Promise<Told> {
      while (!rest.includes('\n\n')) rest += (await reader.read()).value ?? '';
      const end = rest.indexOf('\n\n');
      const fields = new Map(
        rest
          .slice(0, end)
          .split('\n')
          .map((one) => one.split(/: (.*)/s) as [string, string]),
      );
      rest = rest.slice(end + 2);
      expect(fields.get('event')).toBe(name);
      return { event: name, id: fields.get('id') ?? '', data: JSON.parse(fields.get('data')!) };
    },
    close() {
      stop.abort();
    },
  };
}
