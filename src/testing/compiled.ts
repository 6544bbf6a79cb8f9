/**
 * @file Compiles the package before all tests: threads and processes that they start from the sources then start from compiled
 * modules (`src/system/entry.ts`), and so does the command line.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilePackage } from './diptych.ts';

/** Vitest calls this before all tests, and what it returns after them. */
export default async function setup(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-compiled-'));
  await compilePackage(folder);
  process.env.DIPTYCH_COMPILED = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
