import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { acquireLock } from './lock.ts';
import { codeOf, errorOf } from './testing/rows.ts';

const nobody = { pid: 1, host: 'elsewhere', since: '2026-01-01T00:00:00.000Z', mark: '' };

test('a second writer is refused, and told of the first', async () => {
  const path = join(temporaryFolder(), 'deep', 'lock');
  const lock = await acquireLock(path);
  const refused = await errorOf(acquireLock(path));
  expect(refused).toMatchObject({ code: 'DIPTYCH_INDEX_LOCKED', fields: { path: join(path, '..') } });
  expect(refused?.message).toContain(`process ${process.pid}`);
  await lock.confirm();
  await lock.release();
  expect(readdirSync(join(path, '..'))).toEqual([]);
  await (await acquireLock(path)).release();
});

test('two locks in one folder do not know of each other', async () => {
  const folder = temporaryFolder();
  const one = await acquireLock(join(folder, '000001.lease'));
  const other = await acquireLock(join(folder, '000002.lease'));
  await one.release();
  await other.confirm();
  await other.release();
});

test('a lock is taken over from another machine only after a long silence', async () => {
  const path = join(temporaryFolder(), 'lock');
  const file = `${path}.1.json`;
  writeFileSync(file, JSON.stringify(nobody));
  expect((await errorOf(acquireLock(path)))?.message).toContain('process 1 on elsewhere since 2026');
  const past = new Date(Date.now() - 600_000);
  utimesSync(file, past, past);
  const lock = await acquireLock(path);
  expect(readdirSync(join(path, '..'))).toEqual(['lock.2.json']);
  await lock.release();
});

test('a holder is told when its lock was taken away, and leaves the new one alone', async () => {
  const path = join(temporaryFolder(), 'lock');
  const lock = await acquireLock(path);
  rmSync(`${path}.1.json`);
  writeFileSync(`${path}.2.json`, JSON.stringify(nobody));
  expect(await codeOf(lock.confirm())).toBe('DIPTYCH_INDEX_LOCKED');
  await lock.release();
  expect(JSON.parse(readFileSync(`${path}.2.json`, 'utf8'))).toEqual(nobody);
});
