/** @file The client against the app itself: each of its methods once, and no operation of the API without one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { sharedFolder, trainPixels } from '../bundle/testing/trained.ts';
import { createApp } from '../server/app.ts';
import { Keys } from '../server/auth/keys.ts';
import { createKey } from '../server/auth/keys-file.ts';
import { serveRuns } from '../server/runs/runs.ts';
import { serveColours } from '../server/testing/served.ts';
import { Client, type JobEvent, type RunEvent, ServiceError } from './client.ts';

/** Operations that are for pages and operators. */
const others = [/^(POST|DELETE) \/v1\/session$/, / \/(healthz|readyz)$/];

/** Holds one run, `pixels-run`. */
const folder = sharedFolder();
beforeAll(async () => void (await trainPixels(folder)), 120_000);

test('reaches every operation, typed, and tells what is refused by its code', async () => {
  const served = await serveColours({ folders: [] });
  const keys = join(folder, 'keys.json');
  const key = await createKey(keys, 'test', ['admin']);
  const runs = serveRuns(folder);
  onTestFinished(() => runs.close());
  const app = createApp(served.service, { keys: await Keys.open(keys), runs });
  const called = new Set<string>();
  const client = new Client({
    url: 'http://localhost/',
    key,
    fetch: async (request) => {
      called.add(`${request.method} ${new URL(request.url).pathname}`);
      return app.request(request);
    },
  });
  const codeOf = (answer: Promise<unknown>): Promise<unknown> =>
    answer.catch((error: unknown) => (error as ServiceError).code);
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
  expect(await client.session()).toEqual({ keysNeeded: true, name: 'test', scopes: ['read', 'write', 'admin'] });

  const { job } = await client.startJob('colours', { kind: 'update' });
  const events: JobEvent[] = [];
  for await (const event of client.jobEvents(job.id)) events.push(event);
  expect(events.at(-1)).toMatchObject({ event: 'state', data: { state: 'done', counts: { unchanged: 21 } } });
  expect((await client.job(job.id)).job.state).toBe('done');
  expect((await client.jobs()).jobs.map(({ id }) => id)).toEqual([job.id]);
  expect((await client.cancelJob(job.id)).job.state).toBe('done');

  const run = 'pixels-run';
  expect((await client.runs.list()).runs.map(({ name }) => name)).toEqual([run]);
  expect((await client.runs.get(run)).length).toBe(4);
  expect((await client.runs.compare([run, run])).runs).toHaveLength(1);
  const told: RunEvent[] = [];
  for await (const event of client.runs.events(run)) if (told.push(event) === 2) break;
  expect(told).toMatchObject([{ event: 'records' }, { event: 'state', data: { state: 'finished' } }]);
  expect(await client.runs.look(run)).toEqual({ state: 'none', look: null, error: null });
  for (const page of ['report', 'diagnosis'] as const)
    expect(await codeOf(client.runs.page(run, page))).toBe('DIPTYCH_SERVER_RUN_LOOK');
  expect(await client.runs.comparisonPage([run])).toContain('<!doctype html>');
  expect(await codeOf(client.runs.picture(run, 'a', 160))).toBe('DIPTYCH_SERVER_ITEM_UNKNOWN');
  expect(await codeOf(client.runs.askLook('gone', { checkpoint: 'best' }))).toBe('DIPTYCH_SERVER_RUN_UNKNOWN');
  expect(await codeOf(client.runs.start({ from: run, name: run }))).toBe('DIPTYCH_SERVER_RUN_STATE');
  expect(await codeOf(client.runs.resume('gone'))).toBe('DIPTYCH_SERVER_RUN_UNKNOWN');
  expect(await codeOf(client.runs.stop(run))).toBe('DIPTYCH_SERVER_RUN_STATE');

  const refused = await client.item('colours', 'gone').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ServiceError);
  expect(refused).toMatchObject({ status: 404, code: 'DIPTYCH_SERVER_ITEM_UNKNOWN' });

  // Removing by name is what the message tells of.
  const half = 'half \ud83d';
  await client.addItems('colours', { items: [{ id: half, vector }] });
  for (const refused of [client.item('colours', half), client.runs.get(half), client.jobEvents(half).next()])
    await expect(refused).rejects.toThrow(/^no address can hold "half \\ud83d".*deleteItems/);
  await expect(client.item('colours', half)).rejects.toBeInstanceOf(TypeError);
  expect(await client.deleteItems('colours', { ids: [half] })).toEqual({ removed: 1 });

  const { paths } = (await (await app.request('/openapi.json')).json()) as { paths: object };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const reached = (operation: string): boolean => {
    const pattern = new RegExp(`^${operation.replace(/\{\w+\}/g, '[^/]+')}$`);
    return [...called].some((one) => pattern.test(one));
  };
  expect(operations.filter((one) => !others.some((other) => other.test(one)) && !reached(one))).toEqual([]);
});
