/** @file Files kept within a bound: the least recently used go first, also after a restart and when many come at once. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { KeptFiles } from './kept.ts';

const of = (bytes: number, value = 1): Uint8Array => new Uint8Array(bytes).fill(value);

function filesIn(folder: string): string[] {
  const all = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  return all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

function bytesIn(folder: string): number {
  return filesIn(folder).reduce((sum, path) => sum + statSync(path).size, 0);
}

async function hasOf(kept: KeptFiles, keys: string): Promise<string> {
  const found = await Promise.all([...keys].map(async (key) => ((await kept.read(`${key}0`)) ? key : '')));
  return found.join('');
}

test('what was not read for the longest time goes first, also as a later process sees it', async () => {
  const folder = temporaryFolder();
  const first = new KeptFiles(folder, '.bin', 300);
  for (const key of 'abc') await first.keep(`${key}0`, of(100));
  expect(await first.read('a0')).toEqual(Buffer.from(of(100)));
  await first.keep('d0', of(100));
  expect([await hasOf(first, 'abcd'), bytesIn(folder)]).toEqual(['acd', 300]);
  const seconds = { a: 30, c: 10, d: 20 };
  for (const [key, at] of Object.entries(seconds)) utimesSync(join(folder, `${key}0`, `${key}0.bin`), at, at);
  const later = new KeptFiles(folder, '.bin', 200);
  await later.keep('e0', of(50));
  expect([later.bytes, bytesIn(folder)]).toEqual([150, 150]);
  expect(await hasOf(later, 'acde')).toBe('ae');
});

test('a file larger than the bound is not kept and drives nothing out; a bound of 0 keeps nothing', async () => {
  const folder = temporaryFolder();
  const kept = new KeptFiles(folder, '.bin', 100);
  await kept.keep('a0', of(60));
  await kept.keep('b0', of(101));
  expect(await hasOf(kept, 'ab')).toBe('a');
  const none = new KeptFiles(join(folder, 'none'), '.bin', 0);
  await none.keep('a0', of(1));
  expect([await none.read('a0'), existsSync(join(folder, 'none'))]).toEqual([undefined, false]);
});

test('what is removed from outside is not counted any more; what a process left half written goes', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'a0'));
  const left = join(folder, 'a0', 'a0.bin.77.12345678.tmp');
  const underWay = join(folder, 'a0', 'b0.bin.78.12345678.tmp');
  for (const path of [left, underWay]) writeFileSync(path, 'half');
  utimesSync(left, 1, 1);
  const kept = new KeptFiles(folder, '.bin', 100);
  await kept.keep('a0', of(60));
  expect([existsSync(left), existsSync(underWay)]).toEqual([false, true]);
  rmSync(join(folder, 'a0'), { recursive: true });
  expect(await kept.read('a0')).toBeUndefined();
  expect(kept.bytes).toBe(0);
  await kept.keep('b0', of(100));
  expect(await hasOf(kept, 'b')).toBe('b');
});

test('whatever comes at once, files are whole, within the bound, and as many as are counted', async () => {
  const key = fc.constantFrom('a0', 'b0', 'c0', 'd0', 'e0', 'f0');
  const step = fc.record({ key, bytes: fc.integer({ min: 1, max: 90 }), reads: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 24 }), async (steps) => {
      const folder = temporaryFolder();
      const kept = new KeptFiles(folder, '.bin', 200);
      await Promise.all(
        steps.map(async ({ key, bytes, reads }) => {
          // All bytes of a file say how many there are.
          if (!reads) return kept.keep(key, of(bytes, bytes));
          const read = await kept.read(key);
          if (read !== undefined) expect(read).toEqual(Buffer.from(of(read[0], read[0])));
        }),
      );
      expect(kept.bytes).toBeLessThanOrEqual(200);
      expect(bytesIn(folder)).toBeLessThanOrEqual(200);
      const later = new KeptFiles(folder, '.bin', 1e6);
      await later.read('a0');
      expect(later.bytes).toBe(bytesIn(folder));
    }),
    { numRuns: 40 },
  );
});
