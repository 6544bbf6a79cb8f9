/** @file Items that are replaced and removed for ever through the service: the files of the index stay within bounds. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createIndex } from '../index/manage.ts';
import { listSource } from '../index/source.ts';
import { colourEncoder } from '../index/testing/encoder.ts';
import { serveColours } from './testing/served.ts';

const DIMENSION = 128;
const BATCH = 100;
const ROUNDS = 40;
const items = '/v1/indexes/colours/items';

/** A request that writes the same ids each time, with other vectors. */
function batch(round: number) {
  const vector = (i: number) => Array.from({ length: DIMENSION }, (_, j) => Math.sin(1 + round + i * (j + 1)));
  return {
    items: Array.from({ length: BATCH }, (_, i) => ({ id: `item ${i}`, vector: vector(i), metadata: { round } })),
  };
}

test('the files of a flat index stay bounded while the same items come again and again, and searches go on', {
  timeout: 120_000,
}, async () => {
  const { call, service, folder, pictures } = await serveColours();
  const index = join(folder, 'index');
  const source = await listSource(join(pictures, 'list.jsonl'));
  await createIndex(index, colourEncoder(), [source], { store: 'flat', replace: true });
  const served = service.indexNamed('colours');
  await served.refresh();
  expect(served.index.store.manifest().kind).toBe('flat');
  const vectors = () => readdirSync(join(index, 'v2')).filter((name) => name.endsWith('.vectors'));
  const rows = () => vectors().reduce((sum, name) => sum + statSync(join(index, 'v2', name)).size, 0) / (4 * DIMENSION);
  const most: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [{ body }, found] = await Promise.all([
      call('POST', items, batch(round)),
      call('POST', '/v1/search', { query: { text: 'red' }, limit: 1 }),
    ]);
    expect(body).toMatchObject({ stored: BATCH, refused: 0 });
    expect(found.body.results[0].id).toBe('red');
    if (round % 10 === 9) await call('DELETE', `${items}/item%201`);
    most.push(rows());
  }
  // 4,000 rows were written, of which about a hundred are there; a compaction is worth it from about a thousand on.
  expect(Math.max(...most)).toBeLessThan(1500);
  expect(vectors().length).toBeLessThanOrEqual(2);
  expect((await call('GET', `${items}?limit=1`)).body.total).toBe(7 + BATCH - 1);
  expect((await call('GET', `${items}/item%202`)).body.metadata.round).toBe(ROUNDS - 1);
  expect(await served.index.store.verify()).toEqual([]);
});
