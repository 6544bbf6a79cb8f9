/** @file The test that kills a store's writer, again and again, and counts what is left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Random } from '../../random/random.ts';
import { entryPoint } from '../../system/entry.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import type { StoreFactory } from '../contract.ts';
import type { Store } from '../store.ts';
import { GROUP_ROWS, perform, stateAfter } from './crash-model.ts';
import { codeOf, contentOf, DIMENSION, sorted } from './rows.ts';

/** How often writers are killed. Set DIPTYCH_CRASH_ROUNDS=100 for the long run. */
const ROUNDS = Number(process.env.DIPTYCH_CRASH_ROUNDS ?? 3);

export function crashTest(factory: StoreFactory): void {
  const name = `loses and invents nothing when its writer is killed at any moment (${ROUNDS} times)`;
  test(name, { timeout: 60_000 * (1 + ROUNDS) }, async () => {
    const { kind } = factory;
    const folder = join(temporaryFolder(), 'store');
    await (await kind.create(folder, { fingerprint: 'model A', dimension: DIMENSION })).close();
    let next = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const random = new Random('kill', round, Date.now());
      const writer = startWriter(factory, folder, next);
      await writer.reaches(next + random.integer(30));
      const reader = await kind.open(folder);
      await expectWholeGroups(reader);
      await reader.close();
      expect(await codeOf(kind.open(folder, { write: true }))).toBe('DIPTYCH_INDEX_LOCKED');
      await wait(random.uniform() * 8);
      const acknowledged = await writer.kill();

      const survivor = await kind.open(folder, { write: true });
      const content = await contentOf(survivor);
      // The operation under way when the blow fell has happened or not; those acknowledged have.
      const possible = [acknowledged + 1, acknowledged + 2].map((count) => sorted(stateAfter(count).values()));
      expect(possible, `after operation ${acknowledged}`).toContainEqual(content);
      expect(await survivor.verify()).toEqual([]);
      next = acknowledged + 1;
      await perform(survivor, next++);
      expect(await contentOf(survivor)).toEqual(sorted(stateAfter(next).values()));
      await survivor.close();
    }
  });
}

/** A child process that performs operations from `first` on. */
function startWriter({ module, exported }: StoreFactory, folder: string, first: number) {
  const { url, execArgv } = entryPoint(import.meta.url, './crash-child');
  const args = [...execArgv, fileURLToPath(url), folder, module, exported, String(first)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  const gone = Promise.all([once(lines, 'close'), once(child, 'exit')]);
  let last = first - 1;
  lines.on('line', (line) => {
    last = Number(line);
  });
  return {
    /** Waits until an operation is acknowledged. */
    async reaches(operation: number): Promise<void> {
      while (last < operation)
        await Promise.race([once(lines, 'line'), gone.then(() => Promise.reject(new Error('the writer ended')))]);
    },
    /** Kills the writer and returns the last operation that it acknowledged. */
    async kill(): Promise<number> {
      child.kill('SIGKILL');
      await gone;
      return last;
    },
  };
}

/** A reader beside the writer sees each group of rows whole or not at all. */
async function expectWholeGroups(reader: Store): Promise<void> {
  const groups = new Map<unknown, unknown[]>();
  for await (const { metadata } of reader.scan()) {
    groups.set(metadata.group, [...(groups.get(metadata.group) ?? []), metadata.operation]);
  }
  for (const operations of groups.values()) expect(operations).toEqual(new Array(GROUP_ROWS).fill(operations[0]));
}
