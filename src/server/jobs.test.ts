/** @file Jobs: only folders that are allowed, progress as it happens, unreadable pictures listed, taken up after a restart. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Client, type JobEvent } from '../client/client.ts';
import { writePicture } from '../index/testing/pictures.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { createApp } from './app.ts';
import { Service } from './service.ts';
import { alwaysReady, colourQueryEncoder, fixedModels } from './testing/encoder.ts';
import { buildColours } from './testing/served.ts';

async function open(folder: string, index: string): Promise<{ service: Service; client: Client }> {
  const service = await Service.open({
    indexes: [{ name: 'colours', folder: index }],
    models: fixedModels([alwaysReady('model', colourQueryEncoder())]),
    state: join(folder, 'state'),
    folders: [join(folder, 'allowed')],
  });
  const app = createApp(service);
  return { service, client: new Client({ url: 'http://localhost', fetch: async (request) => app.request(request) }) };
}

async function follow(client: Client, id: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of client.jobEvents(id)) events.push(event);
  return events;
}

test('a folder that is allowed is indexed while searches go on; what cannot be read is listed; a restart loses nothing', async () => {
  const folder = temporaryFolder();
  const { index } = await buildColours(folder);
  const more = join(folder, 'allowed', 'more');
  mkdirSync(more, { recursive: true });
  for (let i = 0; i < 5; i++) await writePicture(more, `cyan ${i}.png`, '#00ffff');
  writeFileSync(join(more, 'broken.png'), 'no picture');
  let { service, client } = await open(folder, index);

  for (const wrong of ['/etc', more.replace('allowed', 'forbidden'), join(folder, 'allowed', '..', 'pictures'), '/']) {
    const refused = client.startJob('colours', { kind: 'update', folder: wrong });
    await expect(refused, wrong).rejects.toMatchObject({ status: 403, code: 'DIPTYCH_SERVER_JOB_FOLDER' });
  }
  const { job } = await client.startJob('colours', { kind: 'update', folder: more });
  const events = await follow(client, job.id);
  expect(events.filter(({ event }) => event === 'quarantined')).toMatchObject([
    { data: { file: join(more, 'broken.png'), reason: expect.any(String) } },
  ]);
  expect(events.at(-1)).toMatchObject({
    event: 'state',
    data: { state: 'done', quarantinedCount: 1, counts: { added: 5 } },
  });
  expect((await client.items('colours', { filter: { source: more } })).total).toBe(5);

  // Accepted, and cut off by the end of the service before it has begun or ended.
  await writePicture(more, 'late.png', '#ff8000');
  const late = await client.startJob('colours', { kind: 'update', folder: more });
  await service.close();
  ({ service, client } = await open(folder, index));
  expect(['queued', 'running', 'done']).toContain((await client.job(late.job.id)).job.state);
  await follow(client, late.job.id);
  expect((await client.job(late.job.id)).job).toMatchObject({ state: 'done' });
  expect((await client.items('colours', { filter: { source: more } })).total).toBe(6);

  const waiting = await Promise.all(Array.from({ length: 8 }, () => client.startJob('colours', { kind: 'update' })));
  const { job: last } = waiting[7];
  // On a busy machine its turn may have come meanwhile.
  expect(['cancelled', 'running']).toContain((await client.cancelJob(last.id)).job.state);
  await follow(client, last.id);
  expect((await client.job(last.id)).job).toMatchObject({ state: 'cancelled' });
  await service.close();
});
