/** @file Keys of a running service: what changes in their file is seen, whenever it changes. */
import { readdirSync, readlinkSync, renameSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { Keys } from './keys.ts';
import { createKey, readKeys, revokeKey } from './keys-file.ts';

/** Longer than from one look at the file to the next. */
const LOOK_MS = 1_200;

/** Whether this process has a file open. */
function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
}

test.skipIf(process.platform !== 'linux')('a key that is revoked while the file is read is refused', async () => {
  const folder = temporaryFolder();
  const [path, next] = [join(folder, 'keys.json'), join(folder, 'next.json')];
  const revoked = await createKey(path, 'revoked', ['admin']);
  const made = await createKey(next, 'made', ['read']);
  const opening = Keys.open(path);
  while (!isOpen(path)) await new Promise(setImmediate);
  renameSync(next, path);
  const keys = await opening;
  // The file was read as it was before.
  expect(await keys.callerOf(revoked)).toMatchObject({ name: 'revoked' });
  await wait(LOOK_MS);
  expect(await keys.callerOf(revoked)).toBeUndefined();
  expect(await keys.callerOf(made)).toEqual({ name: 'made', scopes: ['read'] });
});

test('keys that others may read are in force again once they may not', async () => {
  const path = join(temporaryFolder(), 'keys.json');
  const key = await createKey(path, 'mine', ['read']);
  const keys = await Keys.open(path);
  for (const [mode, caller] of [
    [0o644, undefined],
    [0o600, { name: 'mine', scopes: ['read'] }],
  ] as const) {
    await chmod(path, mode);
    await wait(LOOK_MS);
    expect(await keys.callerOf(key)).toEqual(caller);
  }
});

test('of changes at the same moment none is lost: what is not done is refused', async () => {
  const path = join(temporaryFolder(), 'keys.json');
  const names = async (): Promise<string[]> => (await readKeys(path)).map(({ name }) => name);
  const refusal = { code: 'DIPTYCH_SERVER_KEYS_FILE', message: expect.stringMatching(/process \d+ is changing it/) };
  await createKey(path, 'first', ['read']);
  for (let round = 0; round < 20; round++) {
    await createKey(path, `old ${round}`, ['admin']);
    const made = [`a ${round}`, `b ${round}`];
    const changes = [revokeKey(path, `old ${round}`), ...made.map((name) => createKey(path, name, ['read']))];
    const [revoked, ...created] = await Promise.allSettled(changes);
    const kept = await names();
    expect(kept.includes(`old ${round}`)).toBe(revoked.status === 'rejected');
    created.forEach(({ status }, i) => {
      expect(kept.includes(made[i])).toBe(status === 'fulfilled');
    });
    for (const change of [revoked, ...created]) {
      if (change.status === 'rejected') expect(change.reason).toMatchObject(refusal);
    }
  }
  expect(readdirSync(dirname(path))).toEqual(['keys.json']);
});
