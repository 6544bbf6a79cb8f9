/** @file Items: listed, added, changed, removed; each of a batch answered for itself. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { serveColours } from './testing/served.ts';

const items = '/v1/indexes/colours/items';
const picture = (background: string) =>
  sharp({ create: { width: 20, height: 10, channels: 3, background } })
    .jpeg()
    .toBuffer();
const base64 = async (background: string) => (await picture(background)).toString('base64');

test('items are listed page by page by id, filtered, and shown one by one', async () => {
  const { call } = await serveColours();
  const first = (await call('GET', `${items}?limit=4`)).body;
  expect(first.total).toBe(7);
  expect(first.items.map(({ id }: { id: string }) => id)).toEqual(['black', 'blue', 'leaves/green 1.png', 'magenta']);
  const second = (await call('GET', `${items}?limit=4&cursor=${first.next}`)).body;
  expect(second.items.map(({ id }: { id: string }) => id)).toEqual(['red', 'white', 'yellow']);
  expect(second.next).toBeNull();
  const warm = await call('GET', `${items}?filter=${encodeURIComponent('{"warm":false}')}`);
  expect(warm.body.total).toBe(3);
  const one = (await call('GET', first.items[2].picture.replace('/pictures/', '/items/'))).body;
  expect(one).toMatchObject({ id: 'leaves/green 1.png', kind: 'image', captions: ['a green square', 'all green'] });
  expect((await call('GET', `${items}?filter=x`)).body.code).toBe('DIPTYCH_FILTER_SYNTAX');
  expect((await call('GET', `${items}/nothing`)).status).toBe(404);
});

test('pictures are added with captions, replaced, and found at once; each item has its own answer', async () => {
  const { call, folder } = await serveColours();
  const added = await call('POST', items, {
    items: [
      { id: 'rose', image: { base64: await base64('#ff0000') }, metadata: { year: 2030 }, captions: ['a red rose'] },
      { id: 'broken', image: { base64: 'AAAA' } },
      { id: 'point', vector: Array.from({ length: 128 }, (_, i) => (i === 3 ? 1 : 0)) },
      { id: 'short', vector: [1] },
      { id: 'sly', vector: [1], metadata: { path: '/etc/passwd' } },
      { id: 'both', vector: [1], image: { base64: 'AAAA' } },
      { id: 'far', image: { base64: await base64('#00ff00') }, metadata: { depth: 1e308 } },
    ],
  });
  expect(added.status).toBe(200);
  expect(added.body.results.map(({ id, status, code }: Record<string, string>) => [id, code ?? status])).toEqual([
    ['rose', 'stored'],
    ['broken', 'DIPTYCH_IMAGE_UNREADABLE'],
    ['point', 'stored'],
    ['short', 'DIPTYCH_INDEX_VECTOR'],
    ['sly', 'DIPTYCH_SERVER_ITEM_FIELD'],
    ['both', 'DIPTYCH_SERVER_REQUEST'],
    ['far', 'stored'],
  ]);
  expect([added.body.stored, added.body.refused]).toEqual([3, 4]);
  const rose = (await call('GET', `${items}/rose`)).body;
  expect(rose.metadata).toMatchObject({ year: 2030, width: 20, height: 10, sha256: expect.any(String) });
  expect(rose.path).toContain(join(folder, 'index', 'uploads'));
  const found = await call('POST', '/v1/search', { query: { text: 'a red rose' }, kind: 'caption', limit: 1 });
  expect(found.body.results[0]).toMatchObject({ id: 'caption:rose#0', metadata: { image: 'rose' } });

  const again = { items: [{ id: 'rose', vector: new Array(128).fill(1) }], mode: 'add' };
  expect((await call('POST', items, again)).body.results[0].code).toBe('DIPTYCH_INDEX_ID');
  const replaced = await call('POST', items, { items: [{ id: 'rose', image: { base64: await base64('#0000ff') } }] });
  expect(replaced.body.stored).toBe(1);
  expect(existsSync(rose.path)).toBe(false);
  expect((await call('GET', `${items}/caption%3Arose%230`)).status).toBe(404);
});

test('files of a form become items named as they are', async () => {
  const { app, call } = await serveColours();
  const form = new FormData();
  form.append('images', new File([await picture('#ff0000')], 'holiday/a.jpg'));
  form.append('images', new File([await picture('#00ff00')], 'b.jpg'));
  form.append('images', new File(['no picture'], 'c.jpg'));
  form.append('cover', new File([await picture('#0000ff')], 'd.jpg'));
  const named = { id: 'cover', image: { upload: 'cover' }, metadata: { year: 1999 }, captions: ['blue'] };
  form.append('request', JSON.stringify({ items: [named] }));
  const answer = await app.request(items, { method: 'POST', body: form });
  const { results } = (await answer.json()) as { results: { id: string; status: string }[] };
  expect(results.map(({ id, status }) => [id, status])).toEqual([
    ['cover', 'stored'],
    ['holiday/a.jpg', 'stored'],
    ['b.jpg', 'stored'],
    ['c.jpg', 'refused'],
  ]);
  expect((await call('GET', `${items}/${encodeURIComponent('holiday/a.jpg')}`)).status).toBe(200);
});

test('metadata is merged, captions are replaced, own fields stay', async () => {
  const { call } = await serveColours();
  const patch = (body: object) => call('PATCH', `${items}/red`, body);
  const { body } = await patch({ metadata: { year: 1999, warm: null, tags: ['a', 'b'] }, captions: ['a ripe tomato'] });
  expect(body.metadata).toMatchObject({ year: 1999, tags: ['a', 'b'] });
  expect(body.metadata).not.toHaveProperty('warm');
  expect(body.captions).toEqual(['a ripe tomato']);
  const found = await call('POST', '/v1/search', { query: { text: 'a ripe tomato' }, kind: 'caption', limit: 1 });
  expect(found.body.results[0].metadata.text).toBe('a ripe tomato');
  expect((await call('GET', `${items}/caption%3Ared%231`)).status).toBe(404);
  expect((await patch({ metadata: { path: '/etc/passwd' } })).body.code).toBe('DIPTYCH_SERVER_ITEM_FIELD');
  expect((await patch({ metadata: { deep: { er: 1 } } })).status).toBe(400);
  expect((await call('PATCH', `${items}/gone`, { metadata: {} })).status).toBe(404);
});

test('items go one by one, by list or by filter, with their captions; files of folders stay', async () => {
  const { call, pictures, service } = await serveColours();
  expect((await call('DELETE', `${items}/red`)).body).toEqual({ removed: 3 });
  expect((await call('DELETE', `${items}/red`)).status).toBe(404);
  expect((await call('POST', `${items}/delete`, { ids: ['blue', 'gone'] })).body).toEqual({ removed: 3 });
  expect((await call('POST', `${items}/delete`, { filter: { warm: true } })).body.removed).toBe(9);
  expect((await call('POST', `${items}/delete`, {})).status).toBe(400);
  expect(readFileSync(join(pictures, 'red.png')).length).toBeGreaterThan(0);
  expect(service.indexNamed('colours').index.store.manifest().rows).toBe(6);
});

test('a delete that cannot be written leaves all that was named, and goes through when it is asked again', async () => {
  const { call, folder } = await serveColours();
  const remove = (...ids: string[]) => call('POST', `${items}/delete`, { ids });
  expect((await remove('gone', 'blue', 'blue')).body).toEqual({ removed: 3 });
  // The last step of a change is to replace this file, which cannot be done to a folder.
  const manifest = join(folder, 'index', 'v1', 'manifest.json');
  renameSync(manifest, `${manifest}.kept`);
  mkdirSync(manifest);
  const failed = await remove('red', 'gone', 'white');
  rmdirSync(manifest);
  renameSync(`${manifest}.kept`, manifest);
  expect([failed.status, failed.body.code]).toEqual([500, expect.stringMatching(/^DIPTYCH_FILE_UN/)]);
  expect((await call('GET', `${items}?limit=200`)).body.total).toBe(6);
  expect((await call('GET', `${items}/caption%3Awhite%231`)).status).toBe(200);
  expect((await remove('red', 'gone', 'white')).body).toEqual({ removed: 6 });
  expect((await call('GET', `${items}?limit=200`)).body.total).toBe(4);
});

test('a delete whose filter is refused removes none of the ids beside it either', async () => {
  const { call } = await serveColours();
  const both = { ids: ['red'], filter: { colour: 'blue' } };
  expect((await call('POST', `${items}/delete`, both)).body.code).toBe('DIPTYCH_FILTER_FIELD');
  expect((await call('POST', `${items}/delete`, { ...both, filter: {} })).body.code).toBe('DIPTYCH_FILTER_EMPTY');
  expect((await call('GET', `${items}/red`)).status).toBe(200);
});

test('a file that cannot be removed with its item is told of, and the files of the others are removed', async () => {
  const reports: unknown[] = [];
  const { call } = await serveColours({ report: (error) => reports.push(error) });
  const ids = ['red', 'lime', 'blue'].map((colour) => `sent ${colour}`);
  const sent = await Promise.all(ids.map(async (id) => ({ id, image: { base64: await base64(id.slice(5)) } })));
  expect((await call('POST', items, { items: sent })).body.stored).toBe(3);
  const paths: string[] = [];
  for (const id of ids) paths.push((await call('GET', `${items}/${id}`)).body.path);
  rmSync(paths[1]);
  mkdirSync(paths[1]);
  const remove = () => call('POST', `${items}/delete`, { ids });
  const { status, body } = await remove();
  expect([status, body.code]).toEqual([500, 'DIPTYCH_FILE_UNWRITABLE']);
  expect(JSON.stringify(body)).not.toContain(paths[1]);
  expect(String(reports)).toContain(paths[1]);
  expect(paths.map((path) => existsSync(path))).toEqual([false, true, false]);
  expect((await remove()).body).toEqual({ removed: 0 });
});

test('duplicates are grouped around the one to keep', async () => {
  const { call } = await serveColours();
  const red = await base64('#ff0000');
  await call('POST', items, {
    items: [
      { id: 'one', image: { base64: red } },
      { id: 'two', image: { base64: red } },
    ],
  });
  const { status, body } = await call('GET', '/v1/indexes/colours/duplicates?by=bytes');
  expect(status).toBe(200);
  expect(body.groups).toHaveLength(1);
  expect([body.groups[0].kept.id, body.groups[0].others[0].item.id].sort()).toEqual(['one', 'two']);
  expect(body.groups[0].others[0].by).toBe('bytes');
});

test('ids that every address loses are refused, one by one', async () => {
  const { call } = await serveColours();
  const vector = Array.from({ length: 128 }, (_, i) => (i === 3 ? 1 : 0));
  const sent = ['.', '..', '...', '.hidden', 'a/..'].map((id) => ({ id, vector }));
  const { body } = await call('POST', items, { items: sent });
  expect(body.results.map(({ id, code }: Record<string, string>) => [id, code])).toEqual([
    ['.', 'DIPTYCH_INDEX_ID'],
    ['..', 'DIPTYCH_INDEX_ID'],
    ...['...', '.hidden', 'a/..'].map((id) => [id, undefined]),
  ]);
  for (const id of ['...', '.hidden', 'a/..'])
    expect((await call('GET', `${items}/${encodeURIComponent(id)}`)).body.id).toBe(id);
});

test('an id that no address can hold is found, listed, and removed by name', async () => {
  const { call } = await serveColours();
  const [id, vector] = ['half \ud83d', Array.from({ length: 128 }, (_, i) => (i === 3 ? 1 : 0))];
  expect((await call('POST', items, { items: [{ id, vector }] })).body.stored).toBe(1);
  const found = await call('POST', '/v1/search', { query: { vector }, limit: 1 });
  expect(found.body.results).toMatchObject([{ id, thumbnail: expect.stringContaining('half%20%EF%BF%BD') }]);
  expect((await call('GET', `${items}?limit=200`)).body.items.map((item: { id: string }) => item.id)).toContain(id);
  expect((await call('POST', `${items}/delete`, { ids: [id] })).body.removed).toBe(1);
});
