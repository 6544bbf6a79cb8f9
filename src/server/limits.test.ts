/** @file Limits: each with its own code, and word of when to ask again. */
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { QueryEncoder } from './encoder.ts';
import { Slots } from './limits/slots.ts';
import { alwaysReady, colourQueryEncoder, fixedModels } from './testing/encoder.ts';
import { serveColours } from './testing/served.ts';

const asked = { query: { text: 'red' }, limit: 1 };

/** The colours' encoder, taking its time. */
function slowEncoder(milliseconds: number): QueryEncoder {
  const encoder = colourQueryEncoder();
  return {
    ...encoder,
    async encodeTexts(texts, options) {
      await wait(milliseconds, undefined, { signal: options?.signal }).catch(() =>
        Promise.reject(options?.signal?.reason),
      );
      return encoder.encodeTexts(texts);
    },
  };
}

const slow = (milliseconds: number) => fixedModels([alwaysReady('model', slowEncoder(milliseconds))]);

test('a body above the limit is refused, whether it says its length or not', async () => {
  const { app, call } = await serveColours({ limits: { body: 1000 } });
  const { status, body } = await call('POST', '/v1/search', { query: { text: 'x'.repeat(2000) } });
  expect([status, body.code]).toEqual([413, 'DIPTYCH_SERVER_BODY']);
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new Uint8Array(400).fill(32));
    },
  });
  const init = { method: 'POST', body: stream, duplex: 'half', headers: { 'Content-Type': 'application/json' } };
  expect((await app.request('/v1/search', init as RequestInit)).status).toBe(413);
});

test('a picture of too many pixels is refused before it is decoded', async () => {
  const { call } = await serveColours({ limits: { pixels: 10_000 } });
  const bytes = await sharp({ create: { width: 200, height: 100, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const image = { base64: bytes.toString('base64') };
  const added = await call('POST', '/v1/indexes/colours/items', { items: [{ id: 'large', image }] });
  expect(added.body.results[0]).toMatchObject({ status: 'refused', code: 'DIPTYCH_IMAGE_TOO_LARGE' });
});

test('a batch above the limit is refused', async () => {
  const { app, call } = await serveColours();
  const items = Array.from({ length: 101 }, (_, i) => ({ id: `${i}`, vector: [1] }));
  expect((await call('POST', '/v1/indexes/colours/items', { items })).body.code).toBe('DIPTYCH_SERVER_REQUEST');
  const form = new FormData();
  for (let i = 0; i < 101; i++) form.append('images', new File(['x'], `${i}.png`));
  const answer = await app.request('/v1/indexes/colours/items', { method: 'POST', body: form });
  expect(await answer.json()).toMatchObject({ status: 413, code: 'DIPTYCH_SERVER_BATCH' });
});

test('a form of thousands of parts is refused before they are told apart', async () => {
  const { app } = await serveColours();
  const body = '--b\r\nContent-Disposition: form-data; name="request"\r\n\r\n{}\r\n'.repeat(100_000);
  const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
  // There is no last boundary: told apart, it would be no form.
  const answer = await app.request('/v1/search', { method: 'POST', headers, body });
  expect(await answer.json()).toMatchObject({ status: 413, code: 'DIPTYCH_SERVER_BATCH' });
});

test('who asks too often waits as long as is said', async () => {
  const { call } = await serveColours({ limits: { rate: 5, burst: 3 } });
  const answers = [];
  for (let i = 0; i < 8; i++) answers.push(await call('GET', '/v1/indexes'));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0].body.code).toBe('DIPTYCH_SERVER_RATE');
  expect(refused[0].headers.get('Retry-After')).toBe('1');
  await wait(1100);
  expect((await call('GET', '/v1/indexes')).status).toBe(200);
  expect((await call('GET', '/healthz')).status).toBe(200);
});

test('as many requests as are allowed are worked on, as many wait, and others are sent away', async () => {
  const { call, service } = await serveColours({ limits: { concurrency: 2, waiting: 3 }, models: slow(300) });
  const answers = await Promise.all(Array.from({ length: 8 }, () => call('POST', '/v1/search', asked)));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([200, 200, 200, 200, 200, 503, 503, 503]);
  const sent = answers.find(({ status }) => status === 503)!;
  expect([sent.body.code, sent.headers.get('Retry-After')]).toEqual(['DIPTYCH_SERVER_BUSY', '1']);
  expect([service.slots.taken, service.slots.waiting]).toEqual([0, 0]);
});

test('who has left does not wait for a turn', async () => {
  const left = AbortSignal.abort(new Error('gone'));
  await expect(new Slots(0, 1).run(async () => {}, left)).rejects.toThrow('gone');
});

test('a request that takes too long is given up, and so is what it asked for', async () => {
  const { call, service } = await serveColours({ limits: { seconds: 0.2 }, models: slow(60_000) });
  const { status, body } = await call('POST', '/v1/search', asked);
  expect([status, body.code]).toEqual([504, 'DIPTYCH_SERVER_TIMEOUT']);
  await expect.poll(() => service.slots.taken).toBe(0);
});

test('every stage is counted for Prometheus, under patterns and not under ids', async () => {
  const { call } = await serveColours();
  await call('POST', '/v1/search', asked);
  await call('GET', '/v1/indexes/colours/items/red');
  await call('GET', '/v1/indexes/colours/items/gone');
  const { body, headers } = await call('GET', '/metrics');
  expect(headers.get('Content-Type')).toContain('text/plain');
  for (const line of [
    'diptych_stage_seconds_count{stage="encode"} 1',
    'diptych_stage_seconds_count{stage="search"} 1',
    'diptych_requests_total{method="POST",route="/v1/search",status="200"} 1',
    'diptych_requests_total{method="GET",route="/v1/indexes/:index/items/:id",status="404"} 1',
    'diptych_rows 21',
    'diptych_requests_working 0',
  ]) {
    expect(body).toContain(line);
  }
});

test('failures of ours say no more than their code, and are told to whoever runs the service', async () => {
  const reports: unknown[] = [];
  const broken: QueryEncoder = {
    ...colourQueryEncoder(),
    encodeTexts: () => Promise.reject(new Error('secret place')),
  };
  const models = fixedModels([alwaysReady('model', broken)]);
  const { call } = await serveColours({ models, report: (error) => reports.push(error) });
  const { status, body } = await call('POST', '/v1/search', asked);
  expect([status, body.code]).toEqual([500, 'DIPTYCH_SERVER_INTERNAL']);
  expect(JSON.stringify(body)).not.toContain('secret');
  expect(String(reports[0])).toContain('secret place');
});
