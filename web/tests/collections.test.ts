/** @file The page of collections in a browser: folders that are dropped, duplicates side by side, updates that are cancelled. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedFolder } from '../../src/bundle/testing/trained.ts';
import { createIndex } from '../../src/index/manage.ts';
import { folderSource } from '../../src/index/source.ts';
import { colourEncoder } from '../../src/index/testing/encoder.ts';
import { dropFrom, expectAccessible, hasBrowser, soon, usePages } from './browser.ts';
import { buildPages, drawing, HeldEncoder, type Serving, serving } from './served.ts';

/** Pictures of an update: more than are stored at once, by far. */
const MANY = 416;
/** Pictures of a folder that is dropped, which takes two requests. */
const DROPPED = 30;

describe.skipIf(!hasBrowser())('the page of collections', { timeout: 240_000 }, () => {
  const folder = sharedFolder();
  const pictures = join(folder, 'pictures');
  const model = new HeldEncoder();
  let service: Serving;

  beforeAll(async () => {
    buildPages();
    mkdirSync(pictures);
    const place = (name: string): string => join(pictures, name);
    const large = await drawing('red', 'blue', 80, 80);
    writeFileSync(place('large.png'), large);
    copyFileSync(place('large.png'), place('same file.png'));
    await sharp(large).webp({ lossless: true }).toFile(place('same pixels.webp'));
    writeFileSync(place('smaller.png'), await drawing('red', 'blue', 40, 40));
    writeFileSync(place('green.png'), await drawing('green', 'black', 40, 40));
    writeFileSync(place('yellow.png'), await drawing('yellow', 'pink', 40, 40));
    const index = join(folder, 'index');
    await createIndex(index, colourEncoder(), [await folderSource(pictures)]);
    service = await serving({ index, state: join(folder, 'state'), model: model.encoder });
  }, 240_000);
  afterAll(() => service?.close());

  const { open, clean } = usePages();
  const tiles = (page: Page) => page.getByRole('list', { name: 'Pictures of colours' }).getByRole('link');

  test('duplicates stand side by side with the reason; all but the largest of each group go at once', async () => {
    const page = await open(service.url, '/collections?view=duplicates');
    await page.getByText('1 group', { exact: true }).waitFor();
    const group = page.getByRole('list', { name: /^\d pictures that are nearly the same$/ }).getByRole('listitem');
    const told = async (): Promise<Record<string, string>> => {
      const texts = (await group.allTextContents()).map((text) => text.trim().replace(/ \d+ × \d+$/, ''));
      const parts = texts.map((text) => /^(the largest|the same \w+|looks alike, [\d.]+) (.*)$/.exec(text)!);
      return Object.fromEntries(parts.map(([, reason, id]) => [id, reason]));
    };
    const kept = { 'large.png': 'the largest', 'same file.png': 'the same file' };
    const alike = expect.stringMatching(/^looks alike, (0\.9\d\d|1\.000)$/);
    expect(await told()).toEqual({ ...kept, 'same pixels.webp': alike, 'smaller.png': alike });
    const boxes = await Promise.all((await group.all()).map((one) => one.boundingBox()));
    expect(new Set(boxes.map((box) => box!.y)).size).toBe(1);
    expect(boxes.map((box) => box!.x)).toEqual(boxes.map((box) => box!.x).sort((a, b) => a - b));
    const drawn = () =>
      group.getByRole('img').evaluateAll((all) => all.map((img) => (img as HTMLImageElement).naturalWidth > 0));
    await soon(drawn).toEqual([true, true, true, true]);
    await expectAccessible(page);
    const way = page.getByRole('combobox', { name: 'Pictures that' });
    await way.selectOption('are the same file');
    await soon(told).toEqual(kept);
    await way.selectOption('have the same pixels');
    await soon(told).toEqual({ ...kept, 'same pixels.webp': 'the same pixels' });
    await expectAccessible(page);
    await way.selectOption('look alike');
    await soon(() => group.count()).toBe(4);

    await page.getByRole('button', { name: 'Choose all but the largest of each group' }).click();
    await page.getByText('3 chosen', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByText('Delete 3 pictures?').waitFor();
    await expectAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No two pictures are that alike').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Pictures' }).click();
    await page.getByText('3 pictures', { exact: true }).waitFor();
    expect(await tiles(page).count()).toBe(3);
    clean();
  });

  test('a folder is dropped anywhere: progress, paths as ids, what is no picture listed, and stopped on the way', async () => {
    const dropped = join(folder, 'holiday');
    mkdirSync(join(dropped, 'beach'), { recursive: true });
    const drawn = await drawing('pink', 'yellow', 40, 40);
    for (let i = 0; i < DROPPED; i++) writeFileSync(join(dropped, 'beach', `${String(i).padStart(2, '0')}.png`), drawn);
    writeFileSync(join(dropped, 'letter.png'), 'Dear reader');
    writeFileSync(join(dropped, '.hidden'), 'of the system');
    const page = await open(service.url, '/collections');
    await tiles(page).first().waitFor();
    const listed = async () => (await fetch(`${service.url}/v1/indexes/colours/items?limit=200`)).json();
    const { total } = await listed();
    model.let(0);
    await dropFrom(page, [dropped], async () => {
      await page.getByText('Drop to add to colours').waitFor();
      await expectAccessible(page);
    });
    const bar = page.getByRole('progressbar', { name: `Adding ${DROPPED + 1} files` });
    await bar.waitFor();
    model.let(1);
    await soon(() => bar.getAttribute('value')).toBe('24');
    await expectAccessible(page);
    model.let();
    await page.getByText(`${DROPPED} pictures stored`).waitFor({ timeout: 100_000 });
    await page.getByText('1 file not taken').waitFor();
    await page.getByText('holiday/letter.png').waitFor();
    await page.getByText(`${DROPPED + total} pictures`, { exact: true }).waitFor();
    const { items } = await listed();
    expect(items.map(({ id }: { id: string }) => id)).toContain('holiday/beach/07.png');

    model.let(0);
    await dropFrom(page, [dropped], async () => {});
    await page.getByRole('button', { name: 'Stop' }).click();
    model.let();
    await page.getByText(/^24 pictures stored, stopped before 7 files$/).waitFor({ timeout: 100_000 });
    await page.getByText(`${DROPPED + total} pictures`, { exact: true }).waitFor();
    await expectAccessible(page);
    clean();
  });

  test('an update is watched, taken up again after a look elsewhere, cancelled, and brought to its end by another', async () => {
    const drawn = await drawing('black', 'green', 24, 24);
    for (let i = 0; i < MANY; i++) writeFileSync(join(pictures, `more ${i}.png`), drawn);
    const page = await open(service.url, '/collections');
    model.let(2);
    await page.getByRole('button', { name: 'Update from its folders' }).click();
    const bar = page.getByRole('progressbar', { name: /^Update of the folders: under way, \d+ of \d+/ });
    await bar.waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Search', exact: true }).click();
    await page.getByText(/pictures in colours/).waitFor();
    await page.goBack();
    await bar.waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Cancelling …', disabled: true }).waitFor();
    await expectAccessible(page);
    model.let();
    await page
      .getByRole('status')
      .getByText(/^cancelled/)
      .waitFor();
    const rows = async (): Promise<number> => (await (await fetch(`${service.url}/v1/indexes/colours`)).json()).rows;
    const stored = await rows();
    expect(stored).toBeLessThan(MANY);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Update from its folders' }).click();
    await page
      .getByRole('status')
      .getByText(/^done: \d+ added/)
      .waitFor({ timeout: 100_000 });
    expect(await rows()).toBeGreaterThanOrEqual(MANY);
    clean();
  });
});
