import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { newRunFolder } from './folder.ts';

test('a run without a folder gets one after day and preset, numbered where that is taken', () => {
  const base = temporaryFolder();
  const day = new Date('2026-02-03T04:05:06Z');
  const named = (): string => newRunFolder('vse++', day, base);
  expect(named()).toBe(join(base, '2026-02-03-vse++'));
  mkdirSync(named());
  expect(named()).toBe(join(base, '2026-02-03-vse++-2'));
  mkdirSync(named());
  expect(named()).toBe(join(base, '2026-02-03-vse++-3'));
});
