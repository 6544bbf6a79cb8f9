/** @file The client against the app itself: each of its methods once, and no operation of the API without one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveColours } from '../server/testing/served.ts';
import { Client, type JobEvent, ServiceError } from './client.ts';

/** Operations that are for pages and operators, or of another client. */
const others = [/^(POST|DELETE) \/v1\/session$/, / \/v1\/runs/, / \/(healthz|readyz)$/];

test('reaches every operation, typed, and tells what is refused by its code', async () => {
  const served = await serveColours({ folders: [] });
  const called = new Set<string>();
  const client = new Client({
    url: 'http://localhost/',
    fetch: async (request) => {
      called.add(`${request.method} ${new URL(request.url).pathname}`);
      return served.app.request(request);
    },
  });
  const red = readFileSync(join(served.pictures, 'red.png'));
  expect((await client.search({ query: { text: 'red' }, limit: 1 })).results[0].id).toBe('red');
  expect((await client.searchByPicture(new Blob([red]), { limit: 1 })).results[0].id).toBe('red');
  expect((await client.indexes()).indexes.map(({ name }) => name)).toEqual(['colours']);
  expect((await client.index('colours')).rows).toBe(21);
  expect((await client.items('colours', { limit: 2, filter: { year: { lt: 2020 } } })).total).toBe(2);
  expect((await client.item('colours', 'leaves/green 1.png')).captions).toHaveLength(2);
  const vector = new Array(128).fill(1);
  expect((await client.addItems('colours', { items: [{ id: 'v', vector }] })).stored).toBe(1);
  const upload = new File([red], 'red again.png');
  expect((await client.uploadItems('colours', [upload])).results).toEqual([{ id: 'red again.png', status: 'stored' }]);
  expect((await client.patchItem('colours', 'v', { metadata: { year: 1 } })).metadata.year).toBe(1);
  expect((await client.duplicates('colours', { by: 'bytes' })).groups[0].others).toHaveLength(1);
  expect((await client.thumbnail('colours', 'red', 160)).type).toBe('image/webp');
  expect((await client.picture('colours', 'red')).size).toBe(red.length);
  expect(await client.deleteItem('colours', 'v')).toEqual({ removed: 1 });
  expect(await client.deleteItems('colours', { ids: ['red again.png'] })).toEqual({ removed: 1 });
  const { vectors } = await client.embed({ texts: ['red'] });
  expect(vectors[0]!.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
  expect((await client.bundles()).bundles[0]).toMatchObject({ name: 'model', state: 'ready', indexes: ['colours'] });
  expect((await client.loadBundle('model')).state).toBe('ready');
  expect((await client.unloadBundle('model')).name).toBe('model');
  expect(await client.session()).toEqual({ keysNeeded: false, name: null, scopes: ['read', 'write', 'admin'] });

  const { job } = await client.startJob('colours', { kind: 'update' });
  const events: JobEvent[] = [];
  for await (const event of client.jobEvents(job.id)) events.push(event);
  expect(events.at(-1)).toMatchObject({ event: 'state', data: { state: 'done', counts: { unchanged: 21 } } });
  expect((await client.job(job.id)).job.state).toBe('done');
  expect((await client.jobs()).jobs.map(({ id }) => id)).toEqual([job.id]);
  expect((await client.cancelJob(job.id)).job.state).toBe('done');

  const refused = await client.item('colours', 'gone').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ServiceError);
  expect(refused).toMatchObject({ status: 404, code: 'DIPTYCH_SERVER_ITEM_UNKNOWN' });

  const { paths } = (await served.call('GET', '/openapi.json')).body;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const reached = (operation: string): boolean => {
    const pattern = new RegExp(`^${operation.replace(/\{\w+\}/g, '[^/]+')}$`);
    return [...called].some((one) => pattern.test(one));
  };
  expect(operations.filter((one) => !others.some((other) => other.test(one)) && !reached(one))).toEqual([]);
});
