/**
 * @file Takes the pictures of docs/pages.md from a real service, in Debian's Chromium. Show only pictures that may be given on.
 *
 *     npm run demo                                                  makes demo/
 *     node --import tsx scripts/pictures.ts demo RUNS [PAGES]       RUNS: a folder of runs on demo/data, two or more
 *
 * With `--all FOLDER` it takes every page as PNG instead: light, dark and on a phone, to be looked at.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { serve } from '../src/server/serve.ts';

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly dark?: boolean;
  readonly height?: number;
  /** Brings the page to what is shown. */
  readonly until: (page: Page) => Promise<void>;
}

/** The last run by name is looked at, the last two are compared. */
const shotsOf = (runs: readonly string[], [second, first] = runs.slice(-2)): readonly Shot[] => [
  { name: 'welcome', path: '/', until: (page) => pictures(page) },
  {
    name: 'search',
    path: `/?${new URLSearchParams({ q: 'a red circle above a blue square' })}`,
    async until(page) {
      await page.getByText(/best first/).waitFor();
      await page.getByText('of random pairs').first().waitFor({ state: 'attached' });
      await pictures(page);
    },
  },
  {
    name: 'item',
    path: `/?${new URLSearchParams({ q: 'a red circle above a blue square' })}`,
    async until(page) {
      await page.getByRole('list', { name: 'Results' }).getByRole('link').first().click();
      await page.getByRole('dialog').getByRole('heading', { name: 'Metadata' }).waitFor();
      await pictures(page);
    },
  },
  {
    name: 'collections',
    path: '/collections',
    async until(page) {
      for (const n of [2, 4]) await page.getByRole('checkbox').nth(n).check();
      await pictures(page);
    },
  },
  {
    name: 'duplicates',
    path: '/collections?view=duplicates',
    async until(page) {
      await page.getByText(/group/).first().waitFor();
      await pictures(page);
    },
  },
  {
    name: 'training',
    path: `/training?${new URLSearchParams({ run: first })}`,
    until: (page) => page.getByRole('img', { name: /^Loss/ }).waitFor(),
  },
  {
    name: 'comparison',
    path: `/training?${new URLSearchParams([
      ['run', first],
      ['run', second],
    ])}`,
    dark: true,
    async until(page) {
      await page.getByRole('heading', { name: '2 runs compared' }).waitFor();
      await page.getByRole('img', { name: /^Loss/ }).waitFor();
    },
  },
  {
    name: 'retrieval',
    path: `/training?${new URLSearchParams({ run: first, view: 'samples' })}`,
    until: (page) => looked(page),
  },
  {
    name: 'report',
    path: `/training?${new URLSearchParams({ run: first, view: 'report' })}`,
    until: (page) => looked(page),
  },
  {
    name: 'diagnosis',
    path: `/training?${new URLSearchParams({ run: first, view: 'diagnosis' })}`,
    height: 900,
    until: (page) => looked(page),
  },
  { name: 'setup', path: `/training?${new URLSearchParams({ run: first, view: 'setup' })}`, until: async () => {} },
];

/** Those that the documents show. */
const shown = ['search', 'item', 'collections', 'training', 'comparison', 'diagnosis'];

/** Until all pictures in the window are there. */
async function pictures(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.images].every((img) => img.complete || img.getBoundingClientRect().top > innerHeight),
  );
}

/** Until somebody has looked at the run; nobody may have yet. */
async function looked(page: Page): Promise<void> {
  const nobody = page.getByText('Nobody has looked at this run yet');
  const told = page.getByText(/; looked at /);
  await nobody.or(told).first().waitFor();
  if (await nobody.isVisible()) await page.getByRole('button', { name: 'Look at it now' }).click();
  await told.waitFor({ timeout: 300_000 });
  await page.evaluate(() => scrollTo(0, 0));
  await pictures(page);
}

/** A window, and what its pictures are called. */
interface Look {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
}

const desk: Look = { name: 'light', width: 1200, height: 760, dark: false };
const looks: readonly Look[] = [
  desk,
  { ...desk, name: 'dark', dark: true },
  { name: 'phone', width: 390, height: 844, dark: false },
];

/** One page as PNG, when it is at rest. */
async function take(browser: Browser, url: string, shot: Shot, { width, height, dark }: Look): Promise<Buffer> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(new URL(shot.path, url).href);
  // No bar is drawn here, so its room would be an empty stripe.
  await page.evaluate(() => {
    document.documentElement.style.scrollbarGutter = 'auto';
  });
  await shot.until(page);
  await page.waitForTimeout(500);
  const png = await page.screenshot();
  await context.close();
  return png;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { all: { type: 'string' } } });
const [demo, runs, ...names] = positionals;
const state = mkdtempSync(join(tmpdir(), 'diptych-tour-'));
const service = await serve({
  bundles: [join(demo, 'bundle')],
  indexes: [join(demo, 'index')],
  runs,
  state,
  // Where files lie on this machine is nothing to be shown.
  showPaths: false,
  host: '127.0.0.1',
  port: 0,
});
const path = process.env.DIPTYCH_CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const { all } = values;
  const listed = (await (await fetch(`${service.url}/v1/runs`)).json()) as { runs: { name: string }[] };
  const runNames = listed.runs.map(({ name }) => name).sort();
  const wanted = names.length > 0 ? names : all === undefined ? shown : undefined;
  if (all !== undefined) mkdirSync(all, { recursive: true });
  for (const shot of shotsOf(runNames).filter(({ name }) => wanted?.includes(name) ?? true)) {
    const { name, dark = desk.dark, height = desk.height } = shot;
    if (all === undefined) {
      const png = await take(browser, service.url, shot, { ...desk, dark, height });
      await sharp(png).webp({ quality: 82, effort: 6 }).toFile(`docs/pictures/${name}.webp`);
    } else {
      for (const look of looks)
        writeFileSync(join(all, `${name}-${look.name}.png`), await take(browser, service.url, shot, look));
    }
    process.stderr.write(`${name}\n`);
  }
} finally {
  await browser.close();
  await service.close();
  rmSync(state, { recursive: true, force: true });
}
