/** @file The pages in a browser, against a real service: each flow, nothing on the console, no request elsewhere, axe content. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../../src/server/auth/keys-file.ts';
import { dropFrom, expectAccessible, hasBrowser, type Pages, pastePicture, soon, usePages } from './browser.ts';
import { buildPages, COUNT, drawIndex, drawing, type Serving, serving } from './served.ts';

const folder = mkdtempSync(join(tmpdir(), 'diptych-pages-'));
let service: Serving;

interface Opening extends NonNullable<Parameters<Pages['open']>[2]> {
  readonly url?: string;
}

describe.skipIf(!hasBrowser())('the pages', { timeout: 150_000 }, () => {
  beforeAll(async () => {
    buildPages();
    const index = await drawIndex(folder);
    service = await serving({ index, state: join(folder, 'state') });
  }, 120_000);
  afterAll(async () => {
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const { open: openAt, clean } = usePages();
  const open = (path: string, { url = service.url, ...options }: Opening = {}) => openAt(url, path, options);
  const results = (page: Page) => page.getByRole('list', { name: 'Results' }).getByRole('link');

  test('words find pictures while one writes; the address tells them, and back goes back', async () => {
    const page = await open('/');
    await page.getByText(`${COUNT} pictures in colours`).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('/');
    await page.keyboard.type('red');
    await page.getByText('best first').waitFor();
    expect(await results(page).first().getByRole('img').getAttribute('alt')).toContain('red');
    expect(new URL(page.url()).searchParams.get('q')).toBe('red');
    await page.keyboard.press('Enter');
    await expectAccessible(page);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('blue - black');
    await page.getByRole('list', { name: 'Parts of this search' }).getByText('black').waitFor();
    await page.goBack();
    await soon(() => page.getByRole('searchbox').inputValue()).toBe('red');
    await page.reload();
    await results(page).first().waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('red');
    clean();
  });

  test('from the keyboard to a picture and back: arrows, enter, escape', async () => {
    const page = await open('/?q=green');
    await results(page).first().waitFor();
    await page.getByRole('searchbox').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('heading', { name: 'Captions that fit' }).waitFor();
    await expectAccessible(page);
    const before = await dialog.getByRole('heading', { level: 2 }).textContent();
    await page.keyboard.press('ArrowRight');
    await soon(() => dialog.getByRole('heading', { level: 2 }).textContent()).not.toBe(before);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('open')).toBeNull();
    clean();
  });

  test('the focus goes along: to the heading of another page, and not out of a picture at the last of them', async () => {
    const page = await open('/');
    const focused = () => page.evaluate(() => document.activeElement?.outerHTML ?? '');
    await page.getByRole('link', { name: 'Collections' }).click();
    await soon(focused).toMatch(/^<h1.*Collections/);
    await page.goto(`${service.url}/?q=green`);
    await results(page).first().click();
    const title = page.getByRole('dialog').getByRole('heading', { level: 2 });
    const first = await title.textContent();
    await page.keyboard.press('ArrowRight');
    await soon(() => title.textContent()).not.toBe(first);
    await page.getByRole('button', { name: 'The picture before' }).click();
    await soon(() => title.textContent()).toBe(first);
    expect(await focused()).toContain('The picture before');
    await expectAccessible(page);
    await page.keyboard.press('ArrowRight');
    await soon(() => title.textContent()).not.toBe(first);
    clean();
  });

  test('more like a picture, less like another, with weights', async () => {
    const page = await open('/?q=blue');
    await results(page).first().click();
    await page.getByRole('link', { name: 'More like this' }).click();
    const parts = page.getByRole('list', { name: 'Parts of this search' });
    await parts.getByText(/^like .*blue/).waitFor();
    await results(page).first().waitFor();
    await page.getByRole('searchbox').fill('yellow^2');
    await parts.getByRole('slider').first().waitFor();
    await parts.getByRole('button', { name: /Less like like/ }).click();
    await soon(() => new URL(page.url()).searchParams.get('like')).toMatch(/^-1\*/);
    await soon(async () => results(page).first().getByRole('img').getAttribute('alt')).toContain('yellow');
    await expectAccessible(page);
    await parts.getByRole('button', { name: /^Take like/ }).click();
    await soon(() => new URL(page.url()).searchParams.get('like')).toBeNull();
    clean();
  });

  test('a picture of one’s own finds pictures, and is still there after a reload', async () => {
    const page = await open('/');
    const buffer = await drawing('pink', 'pink', 30, 30);
    await page.getByLabel('Picture to search by').setInputFiles({ name: 'mine.png', mimeType: 'image/png', buffer });
    await results(page).first().waitFor();
    expect(await results(page).first().getByRole('img').getAttribute('alt')).toContain('on pink');
    await page.reload();
    await results(page).first().waitFor();
    await page.getByText('your picture').waitFor();
    const elsewhere = await open(`/${new URL(page.url()).search}`);
    await elsewhere.getByText('a picture that this browser no longer has').waitFor();
    clean();
  });

  test('a picture is pasted, or dropped anywhere; what is none is refused in words', async () => {
    const page = await open('/');
    await page.getByText('pictures in colours').waitFor();
    const first = () => results(page).first().getByRole('img').getAttribute('alt');
    await pastePicture(page, await drawing('yellow', 'yellow', 30, 30));
    await soon(first).toContain('on yellow');
    expect(await page.getByRole('list', { name: 'Parts of this search' }).getByText('your picture').count()).toBe(1);
    await page.goto(`${service.url}/`);
    await page.getByText('pictures in colours').waitFor();
    const [picture, letter] = [join(folder, 'dropped.png'), join(folder, 'letter.txt')];
    writeFileSync(picture, await drawing('black', 'black', 30, 30));
    writeFileSync(letter, 'Dear reader');
    await dropFrom(page, [letter], async () => {});
    await page.getByRole('alert').getByText('That was no picture').waitFor();
    await expectAccessible(page);
    await dropFrom(page, [picture], async () => {
      await page.getByText('Drop the picture to search by it').waitFor();
      await expectAccessible(page);
    });
    await soon(first).toContain('on black');
    expect(await page.getByText('That was no picture').count()).toBe(0);
    clean();
  });

  test('scores tell how rare they are, also where that is known only later; a least score and words of captions', async () => {
    // A service that nobody has asked yet has drawn no pairs to compare with.
    const index = join(folder, 'fresh');
    cpSync(join(folder, 'index'), index, { recursive: true });
    const fresh = await serving({ index, state: join(folder, 'fresh state') });
    const page = await open('/?q=red', { url: fresh.url });
    await page.getByText('best first').waitFor();
    const rare = () => results(page).first().textContent();
    await soon(rare).toMatch(/score \d\.\d{3}.*higher than \d[\d.]* % of random pairs/);
    await page.getByRole('button', { name: 'Filters' }).click();
    const panel = page.getByRole('group', { name: 'score' });
    await panel.getByLabel('at least').fill('0.5');
    await page.keyboard.press('Tab');
    await soon(() => new URL(page.url()).searchParams.get('least')).toBe('0.5');
    await page.getByText(/^\d+ pictures, best first/).waitFor();
    const scores = (await results(page).allTextContents()).map((text) => Number(/score (\S+)/.exec(text)?.[1]));
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(0.5);
    await panel.getByLabel('words of captions count too').check();
    await soon(() => new URL(page.url()).searchParams.has('captions')).toBe(true);
    await soon(rare).toMatch(/score/);
    await expectAccessible(page);
    clean();
    await page.close();
    await fresh.close();
  });

  test('filters are those of the index, stand in the address, and can be taken off', async () => {
    const page = await open('/?q=red');
    await results(page).first().waitFor();
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('group', { name: 'ground' }).getByText('blue').click();
    await soon(() => new URL(page.url()).searchParams.getAll('f.ground')).toEqual(['=blue']);
    await soon(async () => results(page).first().getByRole('img').getAttribute('alt')).toContain('on blue');
    await page.getByLabel('year from').fill('2100');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing was found').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Take the filters away' }).click();
    await results(page).first().waitFor();
    clean();
  });

  test('searches within what was found; the set stands in the address, and can be left', async () => {
    const page = await open('/?q=red', { height: 500 });
    await results(page).first().waitFor();
    const button = page.getByRole('button', { name: /^Search within these / });
    await button.focus();
    const among = Number((await button.textContent())?.match(/\d+/)?.[0]);
    await page.keyboard.press('Enter');
    const set = page.getByRole('group', { name: 'Set that is searched in' });
    await set.getByRole('link', { name: 'red' }).waitFor();
    await page.getByText(`${among} pictures, best first`).waitFor();
    expect(new URL(page.url()).searchParams.get('within')).toBe(`${among}*q=red`);
    await page.keyboard.type('blue');
    await button.waitFor({ state: 'detached' });
    await soon(() => results(page).first().getByRole('img').getAttribute('alt')).toMatch(/blue/);
    await expectAccessible(page);
    await set.getByLabel('within the best').fill('7');
    await page.keyboard.press('Tab');
    await page.getByText('7 pictures, best first').waitFor();
    const shown = () =>
      results(page)
        .getByRole('img')
        .evaluateAll((all) => all.map((img) => img.getAttribute('alt')));
    const seven = await shown();
    await page.reload();
    await page.getByText('7 pictures, best first').waitFor();
    expect(await shown()).toEqual(seven);
    await set.getByRole('button', { name: 'Search in all pictures again' }).click();
    await set.waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('q')).toBe('blue');
    await page.getByText(/ so far, best first/).waitFor();
    clean();
  });

  test('scrolls on and on, and keeps only what is near on the page', async () => {
    const page = await open('/?q=a+thing', { height: 500 });
    await results(page).first().waitFor();
    const told = page.getByText('best first');
    let last = '';
    for (let tries = 0; tries < 200 && !last.startsWith(`${COUNT} pictures, best first`); tries++) {
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      await page.waitForTimeout(150);
      last = (await told.textContent()) ?? '';
    }
    expect(last).toContain(`${COUNT} pictures, best first`);
    expect(await results(page).count()).toBeLessThan(120);
    clean();
  });

  test('a phone, in the dark', async () => {
    const page = await open('/?q=pink', { width: 390, height: 780, dark: true });
    await results(page).first().waitFor();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.getByRole('button', { name: /^Colours/ }).click();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
    clean();
  });

  test('collections: adds pictures, lists what is none, finds duplicates, deletes', async () => {
    const page = await open('/collections');
    await page.getByText(`${COUNT} pictures`, { exact: true }).waitFor();
    await expectAccessible(page);
    const same = await drawing('green', 'red', 60, 60);
    await page.getByLabel('Pictures to add').setInputFiles([
      { name: 'new 1.png', mimeType: 'image/png', buffer: same },
      { name: 'new 2.png', mimeType: 'image/png', buffer: same },
      { name: 'letter.png', mimeType: 'image/png', buffer: Buffer.from('Dear reader') },
    ]);
    await page.getByText('2 pictures stored').waitFor({ timeout: 100_000 });
    await page.getByText('1 file not taken').waitFor();
    await page.getByText('letter.png').waitFor();
    await page.getByText(`${COUNT + 2} pictures`, { exact: true }).waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Duplicates' }).click();
    await page
      .getByRole('list', { name: /pictures that/ })
      .filter({ hasText: 'new 1.png' })
      .waitFor();
    await expectAccessible(page);
    await page.getByRole('checkbox', { name: 'Choose new 1.png' }).check();
    await page.getByRole('checkbox', { name: 'Choose new 2.png' }).check();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByText('Delete 2 pictures?').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('link', { name: 'Pictures' }).click();
    await page.getByText(`${COUNT} pictures`, { exact: true }).waitFor();
    clean();
  });

  test('no index, a page that is none, a server that goes away', async () => {
    const empty = await serving({ state: join(folder, 'empty') });
    const page = await open('/', { url: empty.url });
    await page.getByText('There is no index yet').waitFor();
    await page.getByRole('link', { name: 'Collections' }).click();
    await page.getByText('There is no index yet').waitFor();
    await page.goto(`${empty.url}/elsewhere`);
    await page.getByText('There is no such page').waitFor();
    await expectAccessible(page);
    clean();
    await empty.close();
    await page.getByRole('link', { name: 'Training' }).click();
    await page.getByText('The server does not answer.').waitFor();
  });

  test('a key is asked for, a wrong one refused, the right one kept; what it may not do is not offered', async () => {
    const keys = join(folder, 'keys.json');
    const key = await createKey(keys, 'reader', ['read']);
    const index = join(folder, 'copy');
    cpSync(join(folder, 'index'), index, { recursive: true });
    const locked = await serving({ index, state: join(folder, 'locked'), keys });
    const page = await open('/', { url: locked.url, wanted: [401] });
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByText('This service asks for a key').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Enter a key' }).click();
    await page.getByLabel('Key', { exact: true }).fill('wrong');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('The server does not know this key.').waitFor();
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.getByRole('button', { name: 'Use this key' }).click();
    await page.getByText('pictures in colours').waitFor();
    await page.reload();
    await page.getByText('pictures in colours').waitFor();
    await page.getByRole('link', { name: 'Collections' }).click();
    await page.getByText('Adding and deleting take a key with the scope write').waitFor();
    await page.getByRole('list', { name: 'Pictures of colours' }).getByRole('link').first().waitFor();
    expect(await page.getByRole('button', { name: /Choose|Delete|Update/ }).count()).toBe(0);
    expect(await page.getByRole('checkbox').count()).toBe(0);
    await expectAccessible(page);
    clean();
    await page.close();
    await locked.close();
  });
});
