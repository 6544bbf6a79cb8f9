/** @file Requests against a real server in this process. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { type Client, makeClient } from './client.ts';
import { Problem, UNREACHABLE } from './problem.ts';

interface Started {
  readonly client: Client;
  readonly base: string;
  readonly refusals: () => number;
  readonly waits: number[];
  stop(): Promise<void>;
}

async function start(app: Hono): Promise<Started> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  let refused = 0;
  const waits: number[] = [];
  const client = makeClient({ refused: () => void refused++, wait: async (ms) => void waits.push(ms) });
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  return { client, base: `http://127.0.0.1:${port}`, refusals: () => refused, waits, stop };
}

const failure = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Problem);
  return error as Problem;
};

test('sends JSON and forms, and reads JSON', async () => {
  const app = new Hono()
    .post('/json', async (c) => c.json({ type: c.req.header('content-type'), body: await c.req.json() }))
    .post('/form', async (c) => c.json({ text: await ((await c.req.formData()).get('request') as File).text() }))
    .delete('/gone', (c) => c.body(null, 204));
  const { client, base } = await start(app);
  expect(await client.json(`${base}/json`, { method: 'POST', body: { a: 1 } })).toEqual({
    type: 'application/json',
    body: { a: 1 },
  });
  const form = new FormData();
  form.set('request', new Blob(['{}'], { type: 'application/json' }));
  expect(await client.json(`${base}/form`, { method: 'POST', body: form })).toEqual({ text: '{}' });
  expect(await client.json(`${base}/gone`, { method: 'DELETE' })).toBeUndefined();
});

test('a problem keeps the code and the words of the server; others get plain ones', async () => {
  const told = { code: 'DIPTYCH_FILTER_FIELD', title: 'why', detail: 'No field yaer.', cure: 'Write year.' };
  const app = new Hono()
    .get('/told', (c) => c.json(told, 422))
    .get('/html', (c) => c.html('<h1>bad gateway</h1>', 502))
    .get('/key', (c) => c.json({ code: 'DIPTYCH_SERVER_KEY_NEEDED' }, 401));
  const { client, base, refusals } = await start(app);
  expect(await failure(client.json(`${base}/told`))).toMatchObject({ status: 422, ...told });
  expect(await failure(client.json(`${base}/html`))).toMatchObject({ status: 502, code: 'HTTP_502', detail: '' });
  expect(refusals()).toBe(0);
  await failure(client.json(`${base}/key`));
  expect(refusals()).toBe(1);
});

test('is patient twice where the server asks for it, and no longer than five seconds', async () => {
  let calls = 0;
  const app = new Hono()
    .get('/busy', (c) => (++calls < 3 ? c.json({}, 503, { 'Retry-After': '30' }) : c.json({ calls })))
    .get('/down', (c) => c.json({}, 503, { 'Retry-After': '1' }))
    .get('/broken', (c) => c.json({}, 503));
  const { client, base, waits } = await start(app);
  expect(await client.json(`${base}/busy`)).toEqual({ calls: 3 });
  expect(waits).toEqual([5000, 5000]);
  expect((await failure(client.json(`${base}/down`))).retryAfter).toBe(1);
  expect(waits).toHaveLength(4);
  await failure(client.json(`${base}/broken`));
  expect(waits).toHaveLength(4);
});

test('a server that is gone is a problem with a cure, a request given up is none', async () => {
  const { client, base, stop } = await start(new Hono().get('/slow', () => new Promise<Response>(() => {})));
  const given = new AbortController();
  const asked = client.json(`${base}/slow`, { signal: given.signal });
  given.abort();
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  await stop();
  expect(await failure(client.json(`${base}/slow`))).toMatchObject({ status: 0, code: UNREACHABLE });
});
