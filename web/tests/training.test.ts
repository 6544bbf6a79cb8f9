/** @file The page of training in a browser: real runs of a few steps, one of which begins and grows while it is watched. */
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedFolder, trainPixels } from '../../src/bundle/testing/trained.ts';
import { createKey } from '../../src/server/auth/keys-file.ts';
import { logPaths } from '../../src/training/logs/logs.ts';
import { expectAccessible, hasBrowser, soon, takePicture, usePages } from './browser.ts';
import { buildPages, type Serving, serving } from './served.ts';

describe.skipIf(!hasBrowser())('the page of training', { timeout: 240_000 }, () => {
  const folder = sharedFolder();
  const runs = join(folder, 'runs');
  let service: Serving;

  beforeAll(async () => {
    buildPages();
    const { run } = await trainPixels(folder);
    for (const name of ['first', 'second']) cpSync(run, join(runs, name), { recursive: true });
    mkdirSync(join(runs, 'broken'));
    writeFileSync(join(runs, 'broken', 'run.json'), '{"format": 7}');
    service = await serving({ state: join(folder, 'state'), runs });
  }, 240_000);
  afterAll(() => service?.close());

  const { open, clean } = usePages();
  /** What the charts tell in words, by their titles. */
  const chart = (page: Page, title: string) => page.getByRole('img', { name: `${title} over steps` });
  const log = (run: string, step: number, loss: number): void =>
    appendFileSync(
      join(runs, run, logPaths.metrics),
      `${JSON.stringify({ kind: 'train', step, epoch: 1, loss, learningRate: 0.001 })}\n`,
    );

  /** Opens a page that the server has made: it is shown as it was written, and nothing in it can run. */
  async function madePage(page: Page, link: string, title: RegExp): Promise<void> {
    const address = await page.getByRole('link', { name: link }).getAttribute('href');
    const made = await open(service.url, address!);
    expect(await made.getByRole('heading', { level: 1 }).textContent()).toMatch(title);
    expect(await made.getByRole('img').count()).toBeGreaterThan(0);
    await takePicture(made);
    await made.close();
  }

  test('curves grow while one looks on; folders that are no run are listed with the reason', async () => {
    const page = await open(service.url, '/training?run=first');
    await chart(page, 'Loss').waitFor();
    const list = page.getByRole('list', { name: 'Runs' });
    await list.getByText('DIPTYCH_RUN_DAMAGED').waitFor();
    expect(await list.getByRole('checkbox').count()).toBe(2);
    await expectAccessible(page);
    const early = await open(service.url, '/training?run=later');
    await early.getByText('There is no run later yet').waitFor();
    await expectAccessible(early);
    await early.close();
    for (const [step, loss] of [
      [5, 2.125],
      [6, 1.875],
    ] as const) {
      log('first', step, loss);
      await soon(() => chart(page, 'Loss').getAttribute('aria-label')).toContain(`last first ${loss}`);
    }
    clean();
  });

  test('runs are compared: a table, curves over each other, in the dark on a phone too', async () => {
    const page = await open(service.url, '/training?run=first');
    await page.getByRole('checkbox', { name: 'Compare second' }).check();
    await page.getByRole('heading', { name: '2 runs compared' }).waitFor();
    const table = page.getByRole('region', { name: 'Comparison' });
    await soon(() => table.getByRole('rowheader').allTextContents()).toEqual(['A first', 'B second']);
    await soon(() => chart(page, 'Loss').getAttribute('aria-label')).toMatch(/last first .*, second /);
    await expectAccessible(page);
    await madePage(page, 'The whole comparison', /^Runs side by side$/);
    const phone = { width: 390, height: 780, dark: true };
    const small = await open(service.url, new URL(page.url()).pathname + new URL(page.url()).search, phone);
    await chart(small, 'Loss').waitFor();
    await expectAccessible(small);
    expect(await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    clean();
  });

  test('what was seen stays while the server is away, and the one run that is looked at cannot be taken away', async () => {
    const page = await open(service.url, '/training?run=first');
    await chart(page, 'Loss').waitFor();
    expect(await page.getByRole('checkbox', { name: 'Compare first' }).isDisabled()).toBe(true);
    await page.route('**/v1/runs', (route) => route.abort());
    const alarm = page.getByText('It is asked again every few seconds.');
    await alarm.waitFor();
    expect(await chart(page, 'Loss').isVisible()).toBe(true);
    await page.unroute('**/v1/runs');
    await alarm.waitFor({ state: 'detached' });
  });

  test('what a run retrieves now, its report, its diagnosis, its set-up', async () => {
    const page = await open(service.url, '/training?run=first');
    const views = page.getByRole('navigation', { name: 'Views of the run' });
    await views.getByRole('link', { name: 'Retrieval' }).click();
    await page.getByText('Nobody has looked at this run yet').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Look at it now' }).click();
    await page.getByRole('heading', { name: 'The worst misses' }).waitFor({ timeout: 120_000 });
    const picture = page.getByRole('article').getByRole('img').first();
    await soon(() => picture.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
    await expectAccessible(page);
    await views.getByRole('link', { name: 'Report' }).click();
    await page.getByRole('heading', { name: 'Text → image' }).waitFor();
    await expectAccessible(page);
    await madePage(page, 'The whole report', /first/);
    await views.getByRole('link', { name: 'Diagnosis' }).click();
    await page.getByText('Above chance').waitFor();
    await page.getByText('Directions in use').waitFor();
    await expectAccessible(page);
    await madePage(page, 'The whole diagnosis', /^Diagnosis of .*first/);
    await views.getByRole('link', { name: 'Set-up' }).click();
    await page.getByRole('searchbox').fill('batchSize');
    await page.getByRole('rowheader', { name: 'training.batchSize' }).waitFor();
    await expectAccessible(page);
    clean();
  });

  test('begins, stops and goes on with an admin key; with a lesser one nothing of it is offered', async () => {
    const keys = join(folder, 'keys.json');
    const [admin, writer] = [await createKey(keys, 'boss', ['admin']), await createKey(keys, 'writer', ['write'])];
    const locked = await serving({ state: join(folder, 'locked'), runs, keys });
    const enter = async (key: string): Promise<Page> => {
      const page = await open(locked.url, '/training?run=second', { wanted: [401] });
      await page.getByLabel('Key', { exact: true }).fill(key);
      await page.getByRole('button', { name: 'Use this key' }).click();
      await chart(page, 'Loss').waitFor();
      return page;
    };
    const offered = (page: Page) => page.getByRole('button', { name: /^(Another like it|Save and stop|Go on)$/ });

    expect(await offered(await enter(writer)).count()).toBe(0);
    const page = await enter(admin);
    await offered(page).getByText('Another like it').click();
    const dialog = page.getByRole('dialog', { name: 'Begin a run' });
    await dialog.getByLabel('Name').fill('third');
    await dialog.getByLabel('Epochs').fill('100000');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await dialog.waitFor({ state: 'detached' });
    // The program of the run has to start first.
    await page.getByRole('heading', { name: 'third' }).waitFor({ timeout: 120_000 });
    const told = () => chart(page, 'Loss').getAttribute('aria-label');
    await chart(page, 'Loss').waitFor();
    const before = await told();
    await soon(told).not.toBe(before);
    await expectAccessible(page);
    await offered(page).getByText('Save and stop').click();
    await offered(page).getByText('Go on').click();
    await offered(page).getByText('Save and stop').click();
    await offered(page).getByText('Go on').waitFor();
    await page.close();
    clean();
    await locked.close();
  });

  test('no run yet, and no folder of runs', async () => {
    mkdirSync(join(folder, 'empty'));
    for (const [how, said] of [
      [{ runs: join(folder, 'empty') }, 'No run yet'],
      [{}, 'No runs are shown here'],
    ] as const) {
      const bare = await serving({ state: join(folder, `state of ${said}`), ...how });
      const page = await open(bare.url, '/training', { wanted: [404] });
      await page.getByText(said).waitFor();
      await expectAccessible(page);
      await page.close();
      await bare.close();
    }
    clean();
  });
});
