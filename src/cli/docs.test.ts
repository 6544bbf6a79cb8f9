import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { optionsPage } from '../config/page.ts';
import { errorsPage } from '../errors/page.ts';
import { registry } from '../errors/registry.ts';
import { catalog } from './catalog.ts';
import { families, verbOf, verbs } from './verbs.ts';

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

test('docs/errors.md is current (npm run docs)', () => {
  expect(page('errors.md')).toBe(errorsPage());
});

test('docs/options.md is current (npm run docs)', () => {
  expect(page('options.md')).toBe(optionsPage(catalog));
});

test('every error code has its entry, with when and what to do in whole sentences', () => {
  const text = errorsPage();
  for (const [code, { why, cure }] of Object.entries(registry)) {
    expect(text).toContain(`\n## ${code}\n`);
    for (const sentence of [why, cure]) expect(sentence, code).toMatch(/^[A-Z`'"].*[.!)]$/s);
  }
});

test('every option of every verb is on the page, under its name and its flag', () => {
  const text = optionsPage(catalog);
  for (const { schema } of catalog) {
    for (const { name, short, flag } of schema.options)
      expect(text).toContain(`- \`${name}\`, \`--${short ?? flag}\`: `);
  }
});

test('docs/dependencies.md tells each package once, and none more', () => {
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(page('../package.json'));
  const rows = page('dependencies.md').matchAll(/^\| (`[^|]*) \|/gm);
  const told = Array.from(rows, ([, cell]) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, name]) => name)).flat();
  const all = new Set(Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies }));
  expect(told.sort()).toEqual([...all].sort());
});

test('every verb loads, has a family if it has two words, and the options that the catalog tells', async () => {
  for (const row of verbs) {
    const { schema, presets = [] } = await row.load();
    const [first, second] = row.name.split(' ');
    if (second !== undefined) expect(families).toHaveProperty(first);
    expect(verbOf(row.name.split(' '))).toBe(row);
    const entry = catalog.find(({ verb }) => verb === row.name);
    expect(entry !== undefined, row.name).toBe(schema.options.length > 0);
    if (entry) expect(entry).toEqual({ verb: row.name, schema, presets });
  }
});

test('the verb is found among flags, and the longest name wins', async () => {
  expect(verbOf(['--json', 'config', '--verbose', 'show', 'train'])?.name).toBe('config show');
  expect(verbOf(['config'])).toBeUndefined();
  expect(verbOf(['nothing'])).toBeUndefined();
});
