/** @file Thumbnails and picture files: made, kept, sent as what they are; nothing but files of the index. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { serveColours } from './testing/served.ts';

test('a thumbnail is made, kept on disk, and not sent again to who has it', async () => {
  const { app, call, folder } = await serveColours();
  const { results } = (await call('POST', '/v1/search', { query: { text: 'green' }, limit: 1 })).body;
  expect(results[0].id).toBe('leaves/green 1.png');
  const answer = await app.request(`${results[0].thumbnail}&size=160`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('Content-Type')).toBe('image/webp');
  expect(answer.headers.get('Cache-Control')).toContain('immutable');
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 24, height: 16 });
  expect(readdirSync(join(folder, 'state', 'thumbnails'), { recursive: true }).join()).toContain('.webp');
  const etag = answer.headers.get('ETag')!;
  expect((await call('GET', results[0].thumbnail, undefined, { 'If-None-Match': etag })).status).toBe(200);
  const same = await call('GET', `${results[0].thumbnail}&size=160`, undefined, { 'If-None-Match': etag });
  expect(same.status).toBe(304);
  const other = await app.request('/v1/indexes/colours/thumbnails/red');
  expect(other.headers.get('Cache-Control')).not.toContain('immutable');
  expect((await call('GET', `${results[0].thumbnail}&size=200`)).status).toBe(400);
});

test('thumbnails are kept within their bound, and one that had to go is made again', async () => {
  const { app, folder } = await serveColours({ limits: { thumbnails: 150 } });
  const sizes: number[] = [];
  for (const id of ['red', 'blue', 'yellow', 'red']) {
    const answer = await app.request(`/v1/indexes/colours/thumbnails/${id}`);
    expect(answer.status).toBe(200);
    sizes.push((await answer.arrayBuffer()).byteLength);
  }
  expect(sizes[0]).toBe(sizes[3]);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(150);
  const kept = readdirSync(join(folder, 'state', 'thumbnails'), { recursive: true, withFileTypes: true });
  const bytes = kept.filter((one) => one.isFile()).map(({ parentPath, name }) => statSync(join(parentPath, name)).size);
  expect(bytes.reduce((sum, one) => sum + one)).toBeLessThanOrEqual(150);
  expect(bytes).toHaveLength(1);
});

test('a picture is sent as it is, with the type that its bytes say', async () => {
  const { app, pictures } = await serveColours();
  const answer = await app.request('/v1/indexes/colours/pictures/red');
  expect(answer.headers.get('Content-Type')).toBe('image/png');
  expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(answer.headers.get('Content-Security-Policy')).toContain('sandbox');
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(readFileSync(join(pictures, 'red.png')));
  const ofCaption = await app.request('/v1/indexes/colours/pictures/caption%3Ared%230');
  expect(ofCaption.status).toBe(200);
});

test('what is no item, lost its file, or is no picture any more, is told', async () => {
  const { call, pictures } = await serveColours();
  for (const id of ['nothing', '..%2F..%2Fetc%2Fpasswd', '%2Fetc%2Fpasswd', '__proto__']) {
    for (const what of ['thumbnails', 'pictures']) {
      const { status, body } = await call('GET', `/v1/indexes/colours/${what}/${id}`);
      expect([status, body.code]).toEqual([404, 'DIPTYCH_SERVER_ITEM_UNKNOWN']);
    }
  }
  rmSync(join(pictures, 'red.png'));
  writeFileSync(join(pictures, 'blue.png'), '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  for (const id of ['red', 'blue']) {
    for (const what of ['thumbnails', 'pictures']) {
      const { status, body } = await call('GET', `/v1/indexes/colours/${what}/${id}`);
      expect([status, body.code], `${what} ${id}`).toEqual([404, 'DIPTYCH_SERVER_PICTURE_MISSING']);
      expect(JSON.stringify(body)).not.toContain(pictures);
    }
  }
});
