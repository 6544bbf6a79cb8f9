/** @file Debian's Chromium, and a page that is watched: errors on its console, requests to anywhere else, axe. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

const path = process.env.DIPTYCH_CHROMIUM ?? '/usr/bin/chromium';

/** Whether there is a browser; if not, says on stderr what is skipped. */
export function hasBrowser(): boolean {
  const there = existsSync(path);
  if (!there) process.stderr.write(`SKIPPED: the pages are not tried, there is no ${path}\n`);
  return there;
}

function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
}

interface Watched {
  readonly page: Page;
  /** What the console said that should not be there, and requests to others. */
  readonly faults: string[];
  close(): Promise<void>;
}

/** What must become so, also on a busy machine. */
export const soon = <T>(ask: () => T) => expect.poll(ask, { timeout: 40_000 });

type Opening = Parameters<typeof watchedPage>[2];

export interface Pages {
  /** Opens a page of its own for a test; it closes with the test. */
  open(url: string, path: string, options?: Opening): Promise<Page>;
  /** Fails where a page of this test did what it must not do. */
  clean(): void;
}

/**
 * Drags files and folders of this machine over the page, looks, and lets them go.
 *
 * @param over what is looked at while they are above the page
 */
export async function dropFrom(page: Page, paths: readonly string[], over: () => Promise<void>): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  const drag = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    session.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
  await drag('dragEnter');
  await drag('dragOver');
  await over();
  await drag('drop');
  await session.detach();
}

/** Copies a picture and pastes it where the focus is. */
export async function pastePicture(page: Page, png: Buffer): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(
    async (bytes) => {
      const blob = new Blob([Uint8Array.from(bytes)], { type: 'image/png' });
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    },
    [...png],
  );
  await page.keyboard.press('Control+v');
}

/** A browser for the tests of a file. */
export function usePages(): Pages {
  let browser: Browser;
  let opened: Watched[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const one of opened) await one.close();
    opened = [];
  });
  return {
    async open(url, path, options) {
      const watched = await watchedPage(browser, url, options);
      opened.push(watched);
      await watched.page.goto(url + path);
      return watched.page;
    },
    clean: () => expect(opened.flatMap(({ faults }) => faults)).toEqual([]),
  };
}

/** @param wanted statuses of answers that belong to the test, for the browser logs each */
async function watchedPage(
  browser: Browser,
  url: string,
  { width = 1280, height = 800, dark = false, wanted = [] as readonly number[] } = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(40_000);
  const faults: string[] = [];
  page.on('console', (message) => {
    const known = wanted.some((status) => message.text().includes(`status of ${status}`));
    if (['error', 'warning'].includes(message.type()) && !known) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    const to = request.url();
    if (!to.startsWith(url) && !to.startsWith('blob:')) faults.push(`a request to ${to}`);
  });
  return { page, faults, close: () => context.close() };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Folder for pictures of all that the tests look at, so that people look at it too. */
const pictures = process.env.DIPTYCH_SCREENSHOTS;
let states = 0;

export async function takePicture(page: Page): Promise<void> {
  if (pictures === undefined) return;
  const test = expect
    .getState()
    .currentTestName?.replaceAll(/[^a-z]+/gi, '-')
    .slice(0, 60);
  await page.screenshot({ path: join(pictures, `${test}-${states++}.png`) });
}

/** What axe finds on a page at rest; nothing is what it should find. Results that are being replaced are faint for a moment. */
export async function expectAccessible(page: Page): Promise<void> {
  await takePicture(page);
  await page.evaluate(axe);
  const found = () =>
    page.evaluate(async () => {
      const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
    });
  await expect.poll(found, { timeout: 10_000 }).toEqual([]);
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
