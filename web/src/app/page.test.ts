import { expect, test } from 'vitest';
import { pageOf } from './page.ts';
import { nextTheme, storedTheme } from './theme.ts';

test('paths name pages', () => {
  expect(['/', '', '/collections', '/collections/', '/training', '/else'].map(pageOf)).toEqual([
    'search',
    'search',
    'collections',
    'collections',
    'training',
    undefined,
  ]);
});

test('themes go round; what was stored and is none counts as the system’s', () => {
  expect(nextTheme(nextTheme(nextTheme('light')))).toBe('light');
  expect(storedTheme({ getItem: () => 'dark' })).toBe('dark');
  expect(storedTheme({ getItem: () => 'purple' })).toBe('system');
  expect(storedTheme({ getItem: () => null })).toBe('system');
  // Node has no storage, as a browser that was told to keep nothing.
  expect(storedTheme()).toBe('system');
});
