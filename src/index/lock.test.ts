import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { acquireLock } from './lock.ts';
import { codeOf, errorOf } from './testing/rows.ts';

const nobody = { pid: 1, host: 'elsewhere', since: '2026-01-01T00:00:00.000Z', started: '', token: 'x' };

test('has one holder at a time', async () => {
  const path = join(temporaryFolder(), 'deep', 'lock');
  const lock = await acquireLock(path);
  expect((await errorOf(acquireLock(path)))?.message).toContain(`process ${process.pid}`);
  await lock.confirm();
  await lock.release();
  expect(existsSync(path)).toBe(false);
  await (await acquireLock(path)).release();
});

test('of many that want it at the same moment one gets it, also when they find a dead holder', async () => {
  for (const dead of [false, true]) {
    const path = join(temporaryFolder(), 'lock');
    if (dead) writeFileSync(path, JSON.stringify({ ...holderHere(path), started: 'long ago' }));
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => acquireLock(path)));
    const held = results.filter((result) => result.status === 'fulfilled');
    expect(held.length).toBe(1);
    await held[0].value.release();
    expect(readdirSync(join(path, '..'))).toEqual([]);
  }
});

test('is taken over from a process that is gone', async () => {
  const path = join(temporaryFolder(), 'lock');
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  writeFileSync(path, JSON.stringify({ ...holderHere(path), pid: child.pid }));
  const lock = await acquireLock(path);
  expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
  await lock.release();
});

test('is taken over from another machine only after a long silence', async () => {
  const path = join(temporaryFolder(), 'lock');
  writeFileSync(path, JSON.stringify(nobody));
  expect((await errorOf(acquireLock(path)))?.message).toContain('process 1 on elsewhere since 2026');
  const past = new Date(Date.now() - 600_000);
  utimesSync(path, past, past);
  await (await acquireLock(path)).release();
});

test('is taken over if whoever made it died before writing a name, or while taking it over', async () => {
  const path = join(temporaryFolder(), 'lock');
  writeFileSync(path, '{"pid":');
  mkdirSync(`${path}.takeover`);
  const past = new Date(Date.now() - 60_000);
  utimesSync(`${path}.takeover`, past, past);
  await (await acquireLock(path)).release();
});

test('tells its holder when it was taken away, and leaves the new one alone', async () => {
  const path = join(temporaryFolder(), 'lock');
  const lock = await acquireLock(path);
  writeFileSync(path, JSON.stringify(nobody));
  expect(await codeOf(lock.confirm())).toBe('DIPTYCH_INDEX_LOCKED');
  await lock.release();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(nobody);
});

/** A holder on this machine, as this process would write it. */
function holderHere(path: string): Record<string, unknown> {
  return { ...nobody, pid: process.pid, host: hostname(), token: `of ${path}` };
}
