/** @file Bodies over a real connection: whole, in pieces, too long, cut off. */
import { connect } from 'node:net';
import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import type { AppEnv } from '../env.ts';
import { listen } from '../listen.ts';
import { codedError, tell } from '../problem.ts';
import { readBodies } from './body.ts';
import { timeLimit } from './time.ts';

async function serveBodies(body: number) {
  const begun: string[] = [];
  const failures: string[] = [];
  const app = new Hono<AppEnv>();
  app.use((c, next) => {
    begun.push(c.req.path);
    return next();
  });
  app.use(timeLimit(30, new AbortController().signal), readBodies({ body, bodies: 10 * body }));
  app.post('/text', async (c) => c.text(await c.req.text()));
  app.post('/form', async (c) => c.body(await ((await c.req.formData()).get('file') as File).arrayBuffer()));
  app.onError((error, c) => {
    const { status, problem } = tell(error, 'test');
    failures.push(codedError(error).code);
    return c.json(problem, status);
  });
  const { url, port, close } = await listen(app, { host: '127.0.0.1', port: 0, seconds: 30 });
  onTestFinished(close);
  return { url, port, begun, failures };
}

/** A body that does not say its length. */
function inPieces(pieces: readonly string[]): RequestInit {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(Buffer.from(piece));
      controller.close();
    },
  });
  return { method: 'POST', body, duplex: 'half' } as RequestInit;
}

test('a body is read whole, in however many pieces it comes, as text and as a form', async () => {
  const { url } = await serveBodies(100_000);
  const whole = await fetch(`${url}/text`, { method: 'POST', body: '{"query":"käse"}' });
  expect(await whole.text()).toBe('{"query":"käse"}');
  expect(await (await fetch(`${url}/text`, inPieces(['{"query"', ':1', '}']))).text()).toBe('{"query":1}');
  expect(await (await fetch(`${url}/text`, { method: 'POST' })).text()).toBe('');
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i);
  const form = new FormData();
  form.append('file', new File([bytes], 'x.png'));
  const sent = await fetch(`${url}/form`, { method: 'POST', body: form });
  expect(new Uint8Array(await sent.arrayBuffer())).toEqual(bytes);
});

test('a body above the limit is refused on the connection that sends it', async () => {
  const { url, failures } = await serveBodies(1000);
  expect((await fetch(`${url}/text`, { method: 'POST', body: 'x'.repeat(1001) })).status).toBe(413);
  expect((await fetch(`${url}/text`, inPieces(['x'.repeat(600), 'x'.repeat(600)]))).status).toBe(413);
  expect(failures).toEqual(['DIPTYCH_SERVER_BODY', 'DIPTYCH_SERVER_BODY']);
});

test('a connection that ends in the middle of a body is no failure of the service', async () => {
  const { port, begun, failures } = await serveBodies(1000);
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf');
  await expect.poll(() => begun, { timeout: 10_000 }).toEqual(['/text']);
  socket.destroy();
  await expect.poll(() => failures, { timeout: 10_000 }).toEqual(['DIPTYCH_SERVER_GONE']);
});
