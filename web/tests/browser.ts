/** @file Debian's Chromium, and a page that is watched: errors on its console, requests to anywhere else, axe. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const path = process.env.DIPTYCH_CHROMIUM ?? '/usr/bin/chromium';

/** Whether there is a browser; if not, says on stderr what is skipped. */
export function hasBrowser(): boolean {
  const there = existsSync(path);
  if (!there) process.stderr.write(`SKIPPED: the pages are not tried, there is no ${path}\n`);
  return there;
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
}

export interface Watched {
  readonly page: Page;
  /** What the console said that should not be there, and requests to others. */
  readonly faults: string[];
  close(): Promise<void>;
}

/** @param wanted statuses of answers that belong to the test, for the browser logs each */
export async function watchedPage(
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

/** What axe finds on a page at rest; nothing is what it should find. Results that are being replaced are faint for a moment. */
export async function expectAccessible(page: Page): Promise<void> {
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
