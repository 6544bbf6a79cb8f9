/** @file Where pages are easily rough: words without end, no model at hand, a hundred thousand pictures, folders that change. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedFolder } from '../../src/bundle/testing/trained.ts';
import { beginVersion, switchTo } from '../../src/index/index-folder.ts';
import { createIndex } from '../../src/index/manage.ts';
import { listSource } from '../../src/index/source.ts';
import { colourEncoder } from '../../src/index/testing/encoder.ts';
import { Random } from '../../src/random/random.ts';
import { expectAccessible, hasBrowser, soon, usePages } from './browser.ts';
import { buildPages, drawing, type Serving, serving } from './served.ts';

const phone = { width: 390, height: 780 };
const ROWS = 100_000;
const endless = `a ${'very '.repeat(400)}long caption of a ${'red'.repeat(200)} thing`;

describe.skipIf(!hasBrowser())('rough places', { timeout: 150_000 }, () => {
  const folder = sharedFolder();
  const list = join(folder, 'list.jsonl');
  let long: Serving;
  let large: Serving;

  /** A line of the list of pictures. */
  async function drawn(id: string, captions: readonly string[]): Promise<string> {
    const path = join(folder, 'pictures', `${id.length}.png`);
    writeFileSync(path, await drawing('red', 'blue', 60, 40 + id.length));
    return `${JSON.stringify({ path, id, captions, note: 'word'.repeat(200) })}\n`;
  }

  beforeAll(async () => {
    buildPages();
    mkdirSync(join(folder, 'pictures'));
    writeFileSync(list, (await drawn('a'.repeat(200), [endless, endless])) + (await drawn('short.png', ['a red one'])));
    const index = join(folder, 'long');
    await createIndex(index, colourEncoder(), [await listSource(list)], { captions: true });
    long = await serving({ index, state: join(folder, 'long state') });
    large = await serving({ index: await manyRows(), state: join(folder, 'large state'), model: false });
  }, 150_000);
  afterAll(async () => {
    await long?.close();
    await large?.close();
  });

  /** Rows of no model that is at hand, and of pictures that are gone. */
  async function manyRows(): Promise<string> {
    const path = join(folder, 'large');
    const random = new Random('rough places');
    const index = await beginVersion(path, { fingerprint: 'gone', dimension: 8 });
    for (let start = 0; start < ROWS; start += 5000) {
      const rows = Array.from({ length: 5000 }, (_, k) => ({
        id: `picture-${String(start + k).padStart(6, '0')}.jpg`,
        vector: Float32Array.from({ length: 8 }, () => random.normal()),
        metadata: { path: '/gone.jpg', kind: 'image', width: 300 + (k % 300), height: 300 },
      }));
      await index.store.add(rows);
    }
    await switchTo(index);
    await index.store.close();
    return path;
  }

  const { open, clean } = usePages();
  const overflows = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

  test('words, ids and captions of any length stay in their places, on a phone too', async () => {
    for (const size of [phone, { width: 1280, height: 800 }]) {
      const page = await open(long.url, '/', size);
      await page.getByText('2 pictures in colours').waitFor();
      expect(await overflows(page)).toBeLessThanOrEqual(0);
      await page.getByRole('searchbox').fill(`${'red'.repeat(100)} + ${'very '.repeat(100)} - blue`);
      await page.getByText(/pictures, best first/).waitFor();
      await expectAccessible(page);
      expect(await overflows(page)).toBeLessThanOrEqual(0);
      await page.getByRole('button', { name: /^Search within/ }).click();
      await page.getByRole('group', { name: 'Set that is searched in' }).waitFor();
      expect(await overflows(page)).toBeLessThanOrEqual(0);
      await page.goto(`${long.url}/?open=${'a'.repeat(200)}`);
      await page.getByRole('heading', { name: 'Captions that fit' }).waitFor();
      await expectAccessible(page);
      expect(await overflows(page)).toBeLessThanOrEqual(0);
      const inside = page.getByRole('dialog');
      expect(await inside.evaluate((box) => box.scrollWidth - box.clientWidth)).toBeLessThanOrEqual(0);
      await page.goto(`${long.url}/collections`);
      await page.getByRole('list', { name: /^Pictures of/ }).waitFor();
      expect(await overflows(page)).toBeLessThanOrEqual(0);
    }
    clean();
  });

  test('brings an index to where its folders are now, with what it could not read', async () => {
    const missing = JSON.stringify({ path: join(folder, 'pictures', 'gone.png'), id: 'gone.png', captions: [] });
    appendFileSync(list, `${await drawn('more of them.png', ['a red one'])}${missing}\n`);
    const page = await open(long.url, '/collections');
    await page.getByRole('button', { name: 'Update from its folders' }).click();
    await page.getByText(/^done: /).waitFor();
    await page.getByText('3 pictures', { exact: true }).waitFor();
    await page.getByText('3 pictures · 4 captions').waitFor();
    await page.getByText('gone.png').first().waitFor();
    await expectAccessible(page);
    clean();
  });

  test('without a model: says so, offers what is left, and tells why words find nothing', async () => {
    const page = await open(large.url, '/', { wanted: [404, 409, 422, 503] });
    await page.getByText('No model is at hand for this index').waitFor();
    expect(await page.getByRole('searchbox').isDisabled()).toBe(true);
    await expectAccessible(page);
    await page.goto(`${large.url}/?like=picture-000007.jpg`);
    await page.getByText('60 pictures so far, best first').waitFor();
    await page.goto(`${large.url}/?q=red`);
    await page
      .getByRole('alert')
      .getByText(/DIPTYCH_/)
      .waitFor();
    await expectAccessible(page);
    clean();
  });

  test('an empty index leads to where pictures are added', async () => {
    const path = join(folder, 'empty');
    const { fingerprint, dimension } = colourEncoder();
    const index = await beginVersion(path, { fingerprint, dimension });
    await switchTo(index);
    await index.store.close();
    const empty = await serving({ index: path, state: join(folder, 'empty state') });
    const page = await open(empty.url, '/');
    await page.getByText('This index is empty').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'collections', exact: true }).click();
    await page.getByText('No picture is here yet').waitFor();
    await expectAccessible(page);
    const buffer = await drawing('green', 'red', 60, 60);
    await page.getByLabel('Pictures to add').setInputFiles([{ name: 'first.png', mimeType: 'image/png', buffer }]);
    await page.getByText('1 picture stored').waitFor({ timeout: 100_000 });
    await page.getByRole('link', { name: 'Search', exact: true }).click();
    await page.getByRole('searchbox').fill('green');
    await page.getByText('1 picture, best first').waitFor();
    clean();
    await page.close();
    await empty.close();
  });

  test('a hundred thousand pictures scroll on, with few of them on the page', async () => {
    const page = await open(large.url, '/', { wanted: [404, 409, 422] });
    await page.getByText(`${ROWS.toLocaleString('en')} pictures in`).waitFor();
    const tiles = page.getByRole('list', { name: 'Pictures of this index' }).getByRole('link');
    const height = () => page.evaluate(() => document.documentElement.scrollHeight);
    for (let pages = 0; pages < 30; pages++) {
      const before = await height();
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await soon(height).toBeGreaterThan(before);
    }
    expect(await tiles.count()).toBeLessThan(150);
    clean();
  });
});
