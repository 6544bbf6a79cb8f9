/** @file A search while the process of its model has gone, with a real model: told when to ask again, and answered then. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createIndex } from '../index/manage.ts';
import { listSource } from '../index/source.ts';
import { openedPools, servedBundle, signalTo, until } from '../serving/testing/bundle.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { createApp } from './app.ts';
import { Service } from './service.ts';
import { alwaysReady, fixedModels } from './testing/encoder.ts';
import { caller } from './testing/served.ts';

const bundle = servedBundle();
const open = openedPools();

test('a search with a filter is told when to come back, and is answered then; one that needs no model at once', async () => {
  const folder = temporaryFolder();
  const { folder: model, pictures } = bundle();
  const { pool } = await open(model, { cacheBytes: 0 });
  const list = join(folder, 'list.jsonl');
  const rows = pictures.slice(0, 6).map((path, i) => ({ path, id: `picture ${i}`, year: 2020 + i }));
  writeFileSync(list, rows.map((row) => JSON.stringify(row)).join('\n'));
  const index = join(folder, 'index');
  await createIndex(index, pool, [await listSource(list)]);
  const service = await Service.open({
    indexes: [{ name: 'index', folder: index }],
    models: fixedModels([alwaysReady('model', pool)]),
    state: join(folder, 'state'),
  });
  onTestFinished(() => service.close());
  const call = caller(createApp(service));
  const filter = { year: { gte: 2024 } };
  const idsOf = (body: { results: { id: string }[] }) => body.results.map(({ id }) => id).sort();
  const byText = () => call('POST', '/v1/search', { query: { text: 'a red circle' }, filter });

  await pool.preload('texts');
  signalTo(pool, 'SIGSTOP');
  const lost = byText();
  await until(() => pool.state().texts.working === 1);
  const byItem = await call('POST', '/v1/search', { query: { id: 'picture 0' }, filter });
  expect(idsOf(byItem.body)).toEqual(['picture 4', 'picture 5']);
  signalTo(pool, 'SIGKILL');
  const { status, headers, body } = await lost;
  expect([status, body.code]).toEqual([503, 'DIPTYCH_SERVING_UNAVAILABLE']);
  expect(headers.get('Retry-After')).toBe('1');
  const again = await byText();
  expect([again.status, idsOf(again.body)]).toEqual([200, ['picture 4', 'picture 5']]);
  expect((await call('POST', '/v1/embed', { texts: ['a red circle'] })).body.vectors).toHaveLength(1);
}, 120_000);
