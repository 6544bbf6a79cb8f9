/** @file docs/openapi.json is what the routes say. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { apiDescription } from './description.ts';

test('docs/openapi.json is current (`npm run docs` makes it so), and names every schema that it refers to', async () => {
  const text = await apiDescription();
  expect(text).toBe(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'));
  const { openapi, components } = JSON.parse(text);
  expect(openapi).toBe('3.1.0');
  const named = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(named));
});
