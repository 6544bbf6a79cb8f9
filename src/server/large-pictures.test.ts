/** @file Pictures that are too large to search by, in bytes or in pixels, with a real model: each has its own code. */
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { openBundle } from '../bundle/open.ts';
import { createIndex } from '../index/manage.ts';
import { folderSource } from '../index/source.ts';
import { writePicture } from '../index/testing/pictures.ts';
import { Random } from '../random/random.ts';
import { servedBundle } from '../serving/testing/bundle.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { createApp } from './app.ts';
import { Models } from './models.ts';
import { Service } from './service.ts';
import { caller } from './testing/served.ts';

const bundle = servedBundle();
const pixels = 64 * 48;
const body = 5_000;

async function serveModel() {
  const folder = temporaryFolder();
  await writePicture(join(folder, 'pictures'), 'red.png', 'red');
  const index = join(folder, 'index');
  const model = await openBundle(bundle().folder, { threads: 1 });
  await createIndex(index, model, [await folderSource(join(folder, 'pictures'))]);
  await model.close();
  const models = new Models({ threads: 1 }, () => {});
  await models.add(bundle().folder);
  const indexes = [{ name: 'index', folder: index }];
  const service = await Service.open({ indexes, models, state: join(folder, 'state'), limits: { pixels, body } });
  onTestFinished(async () => {
    await models.close();
    await service.close();
  });
  return createApp(service);
}

/** A picture of one colour, which takes few bytes, or of noise, which takes many. */
function drawn(width: number, height: number, noise = false): Promise<Buffer> {
  const random = new Random('noise');
  const raw = Uint8Array.from({ length: 3 * width * height }, () => (noise ? random.integer(256) : 200));
  return sharp(raw, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

test('a picture of too many bytes, or pixels, is answered with 413 and the code of its own limit', async () => {
  const app = await serveModel();
  const call = caller(app);
  const asJson = async (bytes: Buffer) => {
    const { status, body } = await call('POST', '/v1/search', {
      query: { image: { base64: bytes.toString('base64') } },
    });
    return [status, body.code ?? body.results.length];
  };
  const asForm = async (bytes: Buffer) => {
    const form = new FormData();
    form.set('image', new File([Uint8Array.from(bytes)], 'a.png'));
    const answer = await app.request('/v1/search', { method: 'POST', body: form });
    const body = (await answer.json()) as { code?: string; results: unknown[] };
    return [answer.status, body.code ?? body.results.length];
  };
  const fits = await drawn(64, 48);
  const manyPixels = await drawn(64, 49);
  const manyBytes = await drawn(64, 48, true);
  expect([manyPixels.length < body, manyBytes.length > body]).toEqual([true, true]);
  for (const send of [asJson, asForm]) {
    expect(await send(fits)).toEqual([200, 1]);
    expect(await send(manyPixels)).toEqual([413, 'DIPTYCH_IMAGE_TOO_LARGE']);
    expect(await send(manyBytes)).toEqual([413, 'DIPTYCH_SERVER_BODY']);
  }
}, 120_000);
