/** @file Readers of events: as many as are allowed, of jobs and runs together, and room again when one leaves. */
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { sharedFolder, trainPixels } from '../../bundle/testing/trained.ts';
import { Client, type ServiceError } from '../../client/client.ts';
import { writePicture } from '../../index/testing/pictures.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { createApp } from '../app.ts';
import { serveRuns } from '../runs/runs.ts';
import { alwaysReady, colourQueryEncoder, fixedModels } from '../testing/encoder.ts';
import { serveColours } from '../testing/served.ts';

const folder = sharedFolder();
const run = 'pixels-run';
beforeAll(async () => void (await trainPixels(folder)), 120_000);

test('one bound holds for the readers of jobs and of runs; who leaves makes room', async () => {
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const encoder = colourQueryEncoder();
  const slow = {
    ...encoder,
    encodePictures: async (pictures: readonly (string | Uint8Array)[]) => {
      await held;
      return encoder.encodePictures(pictures);
    },
  };
  const models = fixedModels([alwaysReady('model', slow)]);
  const more = temporaryFolder();
  const { service } = await serveColours({ models, limits: { readers: 2 }, folders: [more] });
  const runs = serveRuns(folder);
  onTestFinished(() => runs.close());
  const app = createApp(service, { runs });
  const client = new Client({ url: 'http://localhost', fetch: async (request) => app.request(request) });

  await writePicture(more, 'cyan.png', '#00ffff');
  const { job } = await client.startJob('colours', { kind: 'update', folder: more });
  const ofJob = client.jobEvents(job.id);
  const ofRun = client.runs.events(run);
  expect(await ofJob.next()).toMatchObject({ value: { event: 'state' } });
  expect(await ofRun.next()).toMatchObject({ value: { event: 'records' } });
  expect(service.readers.open).toBe(2);
  for (const refused of [client.jobEvents(job.id), client.runs.events(run)]) {
    const error = await refused.next().catch((cause: ServiceError) => cause);
    expect(error).toMatchObject({ status: 503, code: 'DIPTYCH_SERVER_READERS', retryAfter: 5 });
  }

  await ofRun.return(undefined);
  await expect.poll(() => service.readers.open).toBe(1);
  const another = client.runs.events(run);
  expect(await another.next()).toMatchObject({ value: { event: 'records' } });
  letGo();
  for await (const { event, data } of ofJob) if (event === 'state' && data.ended !== null) break;
  await expect.poll(() => service.readers.open).toBe(1);
  service.stop();
  await expect.poll(() => service.readers.open).toBe(0);
  expect((await another.next()).value).toMatchObject({ event: 'state' });
  expect(await another.next()).toEqual({ done: true, value: undefined });
}, 60_000);
