import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { start } from '../training/testing/spawn.ts';
import { livingHolder, lockFolder } from './lock.ts';
import { processMark } from './process.ts';

/** A process number that no process has: above the limit of Linux. */
const NOBODY = 2 ** 22 + 1;

function writeLock(folder: string, fields: Record<string, unknown>, name = 'lock.1.json'): void {
  const holder = { pid: NOBODY, host: hostname(), since: '2020-01-01T00:00:00.000Z', mark: '', ...fields };
  writeFileSync(join(folder, name), JSON.stringify(holder));
}

describe('the lock of a run folder', () => {
  test('is refused to a second holder until it is released, and leaves nothing behind', async () => {
    const folder = join(temporaryFolder(), 'new');
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'DIPTYCH_RUN_LOCKED',
      fields: { folder, pid: process.pid, host: hostname(), lock: join(folder, 'lock.1.json') },
    });
    expect(await livingHolder(folder)).toMatchObject({ pid: process.pid, host: hostname() });
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
    expect(await livingHolder(folder)).toBeUndefined();
    await (await lockFolder(folder)).release();
  });

  test('is refused while another process holds it, and taken over when that was killed', async () => {
    const folder = temporaryFolder();
    const other = start('./hold-lock', folder);
    await other.says('held');
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'DIPTYCH_RUN_LOCKED',
      fields: { pid: other.child.pid },
    });
    other.child.kill('SIGKILL');
    expect(await other.ended).toBe('SIGKILL');
    const lock = await lockFolder(folder);
    expect(readdirSync(folder)).toEqual(['lock.2.json']);
    await lock.release();
  });

  test('goes to exactly one of many that find the same dead holder', async () => {
    const folder = temporaryFolder();
    writeLock(folder, {});
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(readdirSync(folder)).toEqual(['lock.2.json']);
  });

  test('goes to one of several processes that start at once', async () => {
    const folder = temporaryFolder();
    writeLock(folder, {});
    const others = [0, 1, 2].map(() => start('./hold-lock', folder));
    await Promise.all(others.map((other) => other.says('\n')));
    expect(others.map((other) => other.output().trim()).sort()).toEqual([
      'DIPTYCH_RUN_LOCKED',
      'DIPTYCH_RUN_LOCKED',
      'held',
    ]);
  });

  test('another machine is never taken for dead', async () => {
    const folder = temporaryFolder();
    writeLock(folder, { host: 'elsewhere' });
    expect(await livingHolder(folder)).toMatchObject({ host: 'elsewhere' });
    await expect(lockFolder(folder)).rejects.toThrow(`process ${NOBODY} on elsewhere has been writing here since 2020`);
  });

  test.skipIf(processMark(process.pid) === '')(
    'a process that got the number of the dead one is not mistaken for it',
    async () => {
      const folder = temporaryFolder();
      writeLock(folder, { pid: process.pid, mark: 'another start' });
      await (await lockFolder(folder)).release();
      writeLock(folder, { pid: process.pid, mark: processMark(process.pid) });
      await expect(lockFolder(folder)).rejects.toThrow('has been writing here');
    },
  );

  test('a lock without a holder (full disk, foreign file) is taken over', async () => {
    const folder = temporaryFolder();
    for (const content of ['', 'no lock', '{"pid":1}', '[]']) {
      writeFileSync(join(folder, 'lock.7.json'), content);
      const lock = await lockFolder(folder);
      expect(readdirSync(folder)).toEqual(['lock.8.json']);
      expect(JSON.parse(readFileSync(join(folder, 'lock.8.json'), 'utf8'))).toMatchObject({ pid: process.pid });
      await lock.release();
    }
  });

  test('a folder that cannot be made is a coded error', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(lockFolder(join(file, 'run'))).rejects.toMatchObject({ code: 'DIPTYCH_FILE_UNWRITABLE' });
  });
});
