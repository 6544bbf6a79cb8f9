/** @file POST /v1/search: every kind of query, pages, filters, and what is refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveColours } from './testing/served.ts';

test('finds pictures for a text, a picture, an item, a vector, and several with weights', async () => {
  const { call, pictures, service } = await serveColours();
  const ask = async (query: unknown) => (await call('POST', '/v1/search', { query, limit: 3 })).body;
  const byText = await ask({ text: 'a blue thing' });
  expect(byText.index).toBe('colours');
  expect(byText.results[0]).toMatchObject({ id: 'blue', metadata: { year: 2019 }, path: join(pictures, 'blue.png') });
  expect(byText.results[0].thumbnail).toMatch(/^\/v1\/indexes\/colours\/thumbnails\/blue\?v=[0-9a-f]{16}$/);
  expect(byText.timings).toEqual({ encode: expect.any(Number), search: expect.any(Number) });
  expect(byText.results).toHaveLength(3);

  const base64 = readFileSync(join(pictures, 'yellow.png')).toString('base64');
  expect((await ask({ image: { base64 } })).results[0].id).toBe('yellow');
  expect((await ask({ image: { base64: `data:image/png;base64,${base64}` } })).results[0].id).toBe('yellow');
  expect((await ask({ id: 'red' })).results.map(({ id }: { id: string }) => id)).not.toContain('red');
  const [row] = await service.indexNamed('colours').index.store.get(['white']);
  expect((await ask({ vector: [...row!.vector] })).results[0].id).toBe('white');
  const parts = [{ text: 'red' }, { text: 'blue' }, { id: 'blue', weight: -2 }];
  expect((await ask({ parts })).results[0].id).toBe('red');
  const captions = (await call('POST', '/v1/search', { query: { text: 'all red' }, kind: 'caption' })).body.results;
  expect(captions[0]).toMatchObject({ id: 'caption:red#1', metadata: { text: 'all red', image: 'red' } });
});
