/** @file Data and models beside the checkout, for tests and benchmarks only; where they are absent a test skips loudly. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** Absolute path of a shared file or folder. */
export function sharedPath(name: string): string {
  return root + name;
}

/** Whether it is there; if not, says on stderr what is skipped. Use as `test.skipIf(!hasShared('data/flickr8k'))`. */
export function hasShared(name: string): boolean {
  const there = existsSync(sharedPath(name));
  if (!there) process.stderr.write(`SKIPPED: shared ${name} is not beside this checkout\n`);
  return there;
}
