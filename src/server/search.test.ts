/** @file POST /v1/search: every kind of query, pages, filters, percentiles, and what is refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { colours, type Served, serveColours } from './testing/served.ts';

const idsOf = (body: { results: { id: string }[] }): string[] => body.results.map(({ id }) => id);
const asking =
  ({ call }: Served) =>
  async (request: object) =>
    (await call('POST', '/v1/search', request)).body;

test('finds pictures for a text, a picture, an item, a vector, and several with weights', async () => {
  const served = await serveColours();
  const { pictures, service } = served;
  const ask = (query: unknown) => asking(served)({ query, limit: 3 });
  const byText = await ask({ text: 'a blue thing' });
  expect(byText.index).toBe('colours');
  expect(byText.results[0]).toMatchObject({ id: 'blue', metadata: { year: 2019 }, path: join(pictures, 'blue.png') });
  expect(byText.results[0].thumbnail).toMatch(/^\/v1\/indexes\/colours\/thumbnails\/blue\?v=[0-9a-f]{16}$/);
  expect(byText.timings).toEqual({ encode: expect.any(Number), search: expect.any(Number) });
  expect(byText.results).toHaveLength(3);

  const base64 = readFileSync(join(pictures, 'yellow.png')).toString('base64');
  expect((await ask({ image: { base64 } })).results[0].id).toBe('yellow');
  expect((await ask({ image: { base64: `data:image/png;base64,${base64}` } })).results[0].id).toBe('yellow');
  expect(idsOf(await ask({ id: 'red' }))).not.toContain('red');
  const [row] = await service.indexNamed('colours').index.store.get(['white']);
  expect((await ask({ vector: [...row!.vector] })).results[0].id).toBe('white');
  const parts = [{ text: 'red' }, { text: 'blue' }, { id: 'blue', weight: -2 }];
  expect((await ask({ parts })).results[0].id).toBe('red');
  const captions = await asking(served)({ query: { text: 'all red' }, kind: 'caption' });
  expect(captions.results[0]).toMatchObject({ id: 'caption:red#1', metadata: { text: 'all red', image: 'red' } });
});

test('keeps to filter, threshold, set and words of captions', async () => {
  const ask = asking(await serveColours());
  expect(idsOf(await ask({ query: { text: 'red' }, filter: { year: { gte: 2023 } } })).sort()).toEqual([
    'leaves/green 1.png',
    'magenta',
  ]);
  expect(idsOf(await ask({ query: { text: 'red' }, threshold: 0.9 }))).toEqual(['red']);
  expect(idsOf(await ask({ query: { text: 'red' }, within: ['blue', 'white', 'nowhere'] })).sort()).toEqual([
    'blue',
    'white',
  ]);
  // The model does not know the word; the captions have it.
  expect(idsOf(await ask({ query: { text: 'magenta' }, captions: true }))[0]).toBe('magenta');
});

test('pages follow each other until nothing is left, and belong to one question and one version', async () => {
  const { call } = await serveColours();
  const request = { query: { text: 'red' }, limit: 3 };
  const all = idsOf((await call('POST', '/v1/search', { ...request, limit: 200 })).body);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const { body } = await call('POST', '/v1/search', { ...request, ...(cursor !== null && { cursor }) });
    seen.push(...idsOf(body));
    cursor = body.next;
  } while (cursor !== null);
  expect(seen).toEqual(all);
  expect([...seen].sort()).toEqual([...colours.filter((one) => one !== 'green'), 'leaves/green 1.png'].sort());

  const { next } = (await call('POST', '/v1/search', request)).body;
  const other = await call('POST', '/v1/search', { query: { text: 'blue' }, limit: 3, cursor: next });
  expect([other.status, other.body.code]).toEqual([409, 'DIPTYCH_SERVER_CURSOR']);
  for (const bad of ['', 'x', '!!', Buffer.from('[1,"v1.1","x",-1]').toString('base64url')]) {
    expect((await call('POST', '/v1/search', { ...request, cursor: bad })).status).toBe(409);
  }
  await call('DELETE', '/v1/indexes/colours/items/black');
  const changed = await call('POST', '/v1/search', { ...request, cursor: next });
  expect(changed.body.detail).toContain('the index has changed since');
});

test('tells how unusual a score is, once pairs have been drawn', async () => {
  const served = await serveColours();
  await served.service.indexNamed('colours').overview.settled();
  const ask = () => asking(served)({ query: { text: 'red' }, limit: 7 });
  await ask();
  await expect.poll(async () => (await ask()).results[0].percentile, { timeout: 5_000 }).not.toBeNull();
  const percentiles = (await ask()).results.map(({ percentile }: { percentile: number }) => percentile);
  expect(percentiles[0]).toBeGreaterThan(80);
  expect([...percentiles].sort((a, b) => b - a)).toEqual(percentiles);
});

test('pictures come as parts of a form, too', async () => {
  const { app, pictures } = await serveColours();
  const file = (name: string) => new File([readFileSync(join(pictures, name))], name, { type: 'image/png' });
  const send = async (form: FormData) => {
    const answer = await app.request('/v1/search', { method: 'POST', body: form });
    return { status: answer.status, body: await answer.json() };
  };
  const form = new FormData();
  form.set('image', file('blue.png'));
  form.set('request', JSON.stringify({ limit: 1 }));
  expect(idsOf((await send(form)).body)).toEqual(['blue']);
  const parts = [{ image: { upload: 'a' } }, { image: { upload: 'b' }, weight: -1 }];
  const two = new FormData();
  two.set('a', file('blue.png'));
  two.set('b', file('red.png'));
  two.set('request', JSON.stringify({ query: { parts }, limit: 1 }));
  expect(idsOf((await send(two)).body)).toEqual(['blue']);
  two.delete('b');
  expect(await send(two)).toMatchObject({ status: 400, body: { code: 'DIPTYCH_SERVER_FORM' } });
  const stray = new FormData();
  stray.set('note', 'hello');
  expect(await send(stray)).toMatchObject({ status: 400, body: { code: 'DIPTYCH_SERVER_FORM' } });
});

test.each([
  [{ query: { txt: 'red' } }, 400, 'DIPTYCH_SERVER_REQUEST', 'txt'],
  [{ query: { text: 3 } }, 400, 'DIPTYCH_SERVER_REQUEST', 'query.text'],
  [{ query: { text: 'red' }, limit: 201 }, 400, 'DIPTYCH_SERVER_REQUEST', 'limit'],
  [{ query: { text: 'red' }, top: 3 }, 400, 'DIPTYCH_SERVER_REQUEST', 'top'],
  [{ query: { parts: [] } }, 400, 'DIPTYCH_SERVER_REQUEST', 'query.parts'],
  [{ query: { parts: [{ text: 'a', weight: 0 }] } }, 400, 'DIPTYCH_SERVER_REQUEST', 'weight'],
  [{}, 400, 'DIPTYCH_SERVER_REQUEST', 'query'],
  [{ query: { text: ' ' } }, 422, 'DIPTYCH_SEARCH_QUERY', 'empty'],
  [{ query: { id: 'gone' } }, 404, 'DIPTYCH_SEARCH_ID', 'gone'],
  [{ query: { vector: [1, 2] } }, 422, 'DIPTYCH_INDEX_VECTOR', 'dimension 2'],
  [{ query: { text: 'red' }, index: 'other' }, 404, 'DIPTYCH_SERVER_INDEX_UNKNOWN', 'colours'],
  [{ query: { text: 'red' }, filter: { yaer: 1 } }, 422, 'DIPTYCH_FILTER_FIELD', 'year'],
  [{ query: { text: 'red' }, filter: { year: { near: 1 } } }, 400, 'DIPTYCH_FILTER_SHAPE', 'near'],
  [{ query: { image: { base64: 'AAAA' } } }, 422, 'DIPTYCH_IMAGE_UNREADABLE', ''],
  [{ query: { image: { base64: '<svg/>' } } }, 422, 'DIPTYCH_IMAGE_UNREADABLE', 'base64'],
  [{ query: { image: { url: 'http://example.org/a.png' } } }, 422, 'DIPTYCH_SERVER_URL', 'off'],
])('%j is refused with %i', async (request, status, code, word) => {
  const { call } = await serveColours();
  const { body, headers, ...answer } = await call('POST', '/v1/search', request);
  expect([answer.status, body.status, body.code]).toEqual([status, status, code]);
  expect(headers.get('Content-Type')).toBe('application/problem+json');
  expect(body.type).toBe(`urn:diptych:error:${code}`);
  expect(JSON.stringify(body)).toContain(word);
  expect(body.instance).toBe(headers.get('X-Request-Id'));
});
