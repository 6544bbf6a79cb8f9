/** @file A served index: moved to what others write, to another model once it can be asked, and never away from who is reading. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openIndex, type StoreName } from '../../index/index-folder.ts';
import { createIndex, optimizeIndex, removeFromIndex } from '../../index/manage.ts';
import { folderSource } from '../../index/source.ts';
import { colourEncoder } from '../../index/testing/encoder.ts';
import { writePicture } from '../../index/testing/pictures.ts';
import { acceleratedOf } from '../../index/usearch/accelerated.ts';
import { Random } from '../../random/random.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { FieldCounter } from './field-counter.ts';
import { ServedIndex } from './served-index.ts';

async function served(models: string[], store?: StoreName) {
  const folder = temporaryFolder();
  const pictures = join(folder, 'pictures');
  for (const colour of ['red', 'blue']) await writePicture(pictures, `${colour}.png`, colour);
  const source = await folderSource(pictures);
  await createIndex(join(folder, 'index'), colourEncoder('first'), [source], { store });
  const index = await ServedIndex.open('colours', join(folder, 'index'), {
    answers: async (fingerprint) => models.includes(fingerprint),
    lookEvery: 3_600_000,
    keepWriter: 50,
  });
  onTestFinished(() => index.close());
  return { index, folder: join(folder, 'index'), source };
}

test('another model is moved to once it can be asked, and who is reading meanwhile has an answer', async () => {
  const models = ['first'];
  const { index, folder, source } = await served(models);
  expect(index.version).toMatch(/^v1\./);
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reading = index.reading(async ({ store }) => {
    await gate;
    return (await store.get(['red.png']))[0]?.id;
  });
  await createIndex(folder, colourEncoder('second'), [source], { replace: true });
  await index.refresh();
  expect(index.index.store.manifest().fingerprint).toBe('first');
  models.push('second');
  await index.refresh();
  expect([index.version.split('.')[0], index.index.store.manifest().fingerprint]).toEqual(['v2', 'second']);
  release();
  expect(await reading).toBe('red.png');
});

test('changes of others are seen, own changes at once, and the lock is given back', async () => {
  const { index, folder } = await served(['first']);
  await index.overview.settled();
  expect(index.overview.counted).toMatchObject({
    images: 2,
    captions: 0,
    fields: { kind: { values: [{ value: 'image', rows: 2 }] } },
  });
  await index.changing(({ store }) => store.delete(['red.png']));
  expect(index.index.store.manifest().rows).toBe(1);
  const byOthers = () => removeFromIndex(folder, { ids: ['blue.png'] }).catch(({ code }: { code: string }) => code);
  await expect.poll(byOthers, { timeout: 10_000 }).toBe(1);
  expect(index.index.store.manifest().rows).toBe(1);
  await index.refresh();
  expect(index.index.store.manifest().rows).toBe(0);
});

test('the values of a field are told where they repeat, its range where it has one', () => {
  const years = new FieldCounter(['number']);
  for (let i = 0; i < 90; i++) years.add(2000 + (i % 3));
  years.add(null);
  expect(years.describe()).toEqual({
    types: ['number'],
    values: [2000, 2001, 2002].map((value) => ({ value, rows: 30 })),
    min: 2000,
    max: 2002,
  });
  const names = new FieldCounter(['string', 'list']);
  for (let i = 0; i < 2000; i++) names.add(i % 2 === 0 ? `name ${i}` : [`name ${i}`]);
  expect(names.describe()).toEqual({ types: ['string', 'list'] });
});

test('a graph that too much was written beside is looked after, and the store with it', {
  timeout: 240_000,
}, async () => {
  const { index, folder } = await served(['first'], 'flat');
  const rows = (round: number) => {
    const random = new Random('rows', round);
    const vector = () => Float32Array.from({ length: 128 }, () => random.normal());
    return Array.from({ length: 5000 }, (_, i) => ({ id: `row ${i}`, vector: vector(), metadata: { round } }));
  };
  await index.writing(async ({ store }) => {
    await store.upsert(rows(0));
    await acceleratedOf(store)!.optimize({ recall: 0.1, exactProducts: 0 });
  });
  const graph = () => acceleratedOf(index.index.store)!.graph();
  expect(graph()).toBeDefined();
  await index.writing(({ store }) => store.upsert(rows(1)));
  // So few rows need none, which is what it comes to; and without one the store compacts itself again.
  await expect.poll(graph, { timeout: 60_000 }).toBe(undefined);
  await index.writing(({ store }) => store.delete(['row 0']));
  const bytes = () =>
    readdirSync(join(folder, 'v1'))
      .filter((name) => name.endsWith('.vectors'))
      .reduce((sum, name) => sum + statSync(join(folder, 'v1', name)).size, 0);
  await expect.poll(bytes, { timeout: 60_000 }).toBeLessThan(1.01 * 5002 * 4 * 128);
  await index.refresh();
  expect((await index.index.store.get(['row 0', 'row 1'])).map((row) => row?.metadata.round)).toEqual([undefined, 1]);
});

test('a graph that knows few of the rows is built again, over all that there are now', {
  timeout: 240_000,
}, async () => {
  // So many rows need a graph, and so many more than one knows are too many: neither limit is an option.
  const [count, dimension] = [5100, 832];
  const rows = (round: number, count: number) => {
    const random = new Random('rows', round);
    const vector = () => Float32Array.from({ length: dimension }, () => random.integer(256) - 127);
    return Array.from({ length: count }, (_, i) => ({ id: `row ${i}`, vector: vector(), metadata: { round } }));
  };
  const folder = temporaryFolder();
  await createIndex(folder, { ...colourEncoder('first'), dimension }, [], { store: 'flat' });
  const { store } = await openIndex(folder, { write: true });
  await store.upsert(rows(0, 50));
  await store.close();
  await optimizeIndex(folder, { recall: 0.1, exactProducts: 0 });
  const index = await ServedIndex.open('rows', folder, { answers: async () => true });
  onTestFinished(() => index.close());
  const reader = () => acceleratedOf(index.index.store)!;
  expect([reader().graph()?.rows, reader().drift()]).toEqual([50, 0]);
  const next = rows(1, count);
  await index.writing(({ store }) => store.upsert(next));
  await expect.poll(() => reader().graph()?.rows, { timeout: 200_000 }).toBe(count);
  expect(reader().drift()).toBe(0);
  const hits = await reader().search(next[0].vector, { k: 10 });
  expect(hits.map(({ metadata }) => metadata.round)).toEqual(new Array(10).fill(1));
});

test('who is reading while two versions come into use has an answer too, from either', async () => {
  const { index, folder, source } = await served(['first', 'second', 'third']);
  let answered: string | undefined;
  await index.reading(async ({ store }) => {
    if (answered === undefined) {
      answered = '';
      for (const model of ['second', 'third'])
        await createIndex(folder, colourEncoder(model), [source], { replace: true });
    }
    answered = (await store.get(['red.png']))[0]?.id;
  });
  expect(answered).toBe('red.png');
  await index.refresh();
  expect(index.version.split('.')[0]).toBe('v3');
});
