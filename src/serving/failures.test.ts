/** @file Processes that die, hang, cannot load, or are not needed: nothing that was asked is left without an answer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleFingerprint, readManifest } from '../bundle/manifest.ts';
import { type Bundle, openBundle } from '../bundle/open.ts';
import { isDiptychError } from '../errors/error.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { EncoderPools } from './encoder-pools.ts';
import type { ServingEvent } from './options.ts';
import { batchSizes, openedPools, servedBundle, signalTo, until } from './testing/bundle.ts';

const served = servedBundle();
const open = openedPools();
const unavailable = { code: 'DIPTYCH_SERVING_UNAVAILABLE', fields: { retrySeconds: 1 } };
const withoutCache = { cacheBytes: 0 } as const;
const words = Array.from({ length: 40 }, (_, i) => `a red circle and ${i} squares`);
let expected: Float32Array[];

beforeAll(async () => {
  const bundle: Bundle = await openBundle(served().folder, { threads: 1 });
  expected = [];
  for (const text of words) expected.push(...(await bundle.encodeTexts([text])));
  await bundle.close();
});

/** Whether a process is there. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a process that dies', () => {
  test('takes its batch with it, and another follows', async () => {
    const { pool, events } = await open(served().folder, withoutCache);
    await pool.preload('texts');
    const { pid } = pool.state().texts;
    signalTo(pool, 'SIGSTOP');
    const lost = pool.encodeTexts([words[0]]);
    await until(() => pool.state().texts.working === 1);
    const waits = pool.encodeTexts([words[1]]);
    signalTo(pool, 'SIGKILL');
    await expect(lost).rejects.toMatchObject(unavailable);
    // What had only waited is encoded by the next process.
    expect(await waits).toEqual([expected[1]]);
    expect(pool.state().texts).toMatchObject({ status: 'ready', deaths: 1 });
    expect(pool.state().texts.pid).not.toBe(pid);
    expect(events).toContainEqual({
      bundle: 'bundle',
      kind: 'died',
      lane: 'texts',
      reason: 'its process ended: SIGKILL',
    });
  });

  test('again and again under load: every text gets its vector or is told to come back', async () => {
    const { pool } = await open(served().folder, withoutCache);
    await pool.preload('texts');
    let [asked, answered, refused] = [0, 0, 0];
    const client = async (start: number): Promise<void> => {
      for (let i = start; pool.state().texts.deaths < 4 || answered < 100; i++) {
        asked++;
        try {
          const [vector] = await pool.encodeTexts([words[i % words.length]]);
          const apart = vector.reduce((most, x, d) => Math.max(most, Math.abs(x - expected[i % words.length][d])), 0);
          expect(apart).toBeLessThan(1e-6);
          answered++;
        } catch (error) {
          if (!isDiptychError(error, 'DIPTYCH_SERVING_UNAVAILABLE')) throw error;
          refused++;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    const killing = setInterval(() => {
      if (pool.state().texts.working > 0) signalTo(pool, 'SIGKILL');
    }, 500);
    await Promise.all(Array.from({ length: 8 }, (_, c) => client(5 * c)));
    clearInterval(killing);
    expect(answered + refused).toBe(asked);
    expect(refused).toBeGreaterThan(0);
  });

  test('with pictures leaves texts alone', async () => {
    const { pool } = await open(served().folder, withoutCache);
    await pool.preload('texts', 'pictures');
    signalTo(pool, 'SIGSTOP', 'pictures');
    const lost = pool.encodePictures(served().pictures.slice(0, 2));
    await until(() => pool.state().pictures.working === 2);
    expect(await pool.encodeTexts([words[0]])).toEqual([expected[0]]);
    signalTo(pool, 'SIGKILL', 'pictures');
    await expect(lost).rejects.toMatchObject(unavailable);
    expect(await pool.encodePictures(served().pictures.slice(0, 1))).toEqual([expect.any(Float32Array)]);
    expect(pool.state().texts.deaths).toBe(0);
  });
});

test('a process that hangs is ended, and so is what waits too long', async () => {
  const { pool, events } = await open(served().folder, { ...withoutCache, requestTimeoutMs: 3000 });
  await pool.preload('texts');
  const { pid } = pool.state().texts;
  signalTo(pool, 'SIGSTOP');
  const stuck = pool.encodeTexts([words[0]]);
  await expect(stuck).rejects.toMatchObject({ ...unavailable, message: expect.stringContaining('more than 3000 ms') });
  await until(() => !isAlive(pid!));
  await until(() => pool.state().texts.status === 'ready');
  expect(await pool.encodeTexts([words[0]])).toEqual([expected[0]]);
  expect(events).toContainEqual({
    bundle: 'bundle',
    kind: 'died',
    lane: 'texts',
    reason: 'a batch took more than 3000 ms',
  });
});

describe('a bundle that cannot be loaded', () => {
  test('says why, then refuses at once and says when to come back', async () => {
    const folder = join(temporaryFolder(), 'bundle');
    cpSync(served().folder, folder, { recursive: true });
    const { pool } = await open(folder, withoutCache);
    writeFileSync(join(folder, 'text.onnx'), 'no model');
    await expect(pool.encodeTexts(['a'])).rejects.toMatchObject({ code: 'DIPTYCH_BUNDLE_DAMAGED' });
    const again = await pool.encodeTexts(['a']).catch((error) => error);
    expect(again).toMatchObject({ ...unavailable, message: expect.stringContaining('text.onnx') });
    expect(pool.state().texts.status).toBe('waiting');
    // Pictures need none of what is damaged.
    expect(await pool.encodePictures(served().pictures.slice(0, 1))).toEqual([expect.any(Float32Array)]);
    cpSync(join(served().folder, 'text.onnx'), join(folder, 'text.onnx'));
    await until(() => pool.state().texts.status === 'ready');
    expect(await pool.encodeTexts([words[0]])).toEqual([expected[0]]);
  });

  test('because another took its place is refused: vectors of two models are never mixed', async () => {
    const folder = join(temporaryFolder(), 'bundle');
    cpSync(served().folder, folder, { recursive: true });
    const { pool } = await open(folder, withoutCache);
    await pool.encodeTexts(['a']);
    const { fingerprint: _, ...manifest } = await readManifest(folder);
    const other = { ...manifest, files: { ...manifest.files, 'tokenizer.json': { bytes: 1, sha256: '0'.repeat(64) } } };
    writeFileSync(join(folder, 'bundle.json'), JSON.stringify({ ...other, fingerprint: bundleFingerprint(other) }));
    await pool.unload();
    await expect(pool.encodeTexts(['a'])).rejects.toMatchObject({
      code: 'DIPTYCH_BUNDLE_DAMAGED',
      message: expect.stringContaining('when it was opened'),
    });
  });

  test('because it takes too long is given up', async () => {
    const { pool } = await open(served().folder, { loadTimeoutMs: 20 });
    const refused = { ...unavailable, message: expect.stringContaining('not loaded within 20 ms') };
    await expect(pool.encodeTexts(['a'])).rejects.toMatchObject(refused);
  });

  test('because there is none is an error of starting', async () => {
    await expect(open(join(temporaryFolder(), 'none'))).rejects.toMatchObject({ code: 'DIPTYCH_BUNDLE_MISSING' });
  });
});

describe('the end', () => {
  test('of what was accepted is waited for; what comes later is refused', async () => {
    const { pool, events } = await open(served().folder, withoutCache);
    await pool.preload('texts');
    const { pid } = pool.state().texts;
    signalTo(pool, 'SIGSTOP');
    const accepted = words.map((text) => pool.encodeTexts([text]));
    await until(() => pool.state().texts.working > 0);
    const closed = pool.close();
    await expect(pool.encodeTexts(['late'])).rejects.toMatchObject(unavailable);
    process.kill(pid!, 'SIGCONT');
    expect((await Promise.all(accepted)).flat()).toHaveLength(words.length);
    await closed;
    expect(batchSizes(events).reduce((sum, size) => sum + size)).toBe(words.length);
    expect(isAlive(pid!)).toBe(false);
    expect(pool.state()).toMatchObject({ texts: { status: 'closed' }, pictures: { status: 'closed' } });
    await pool.close();
  });

  test('comes to processes that are still loading, and to those of a server that was killed', async () => {
    const { pool } = await open(served().folder);
    const loading = pool.preload('texts');
    const refused = expect(loading).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('told to end'),
    });
    await pool.close();
    await refused;
    const script = `
      import { EncoderPool } from ${JSON.stringify(new URL('./encoder-pool.ts', import.meta.url).href)};
      const pool = await EncoderPool.start(${JSON.stringify(served().folder)});
      await pool.preload('texts', 'pictures');
      const { texts, pictures } = pool.state();
      console.log(JSON.stringify([texts.pid, pictures.pid]));`;
    const server = spawn(process.execPath, ['--import', 'tsx/esm', '--input-type=module', '--eval', script]);
    const [printed] = await once(server.stdout, 'data');
    const pids = JSON.parse(String(printed)) as number[];
    expect(pids.every(isAlive)).toBe(true);
    server.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
  });

  test('comes to a process that nobody asks, until somebody does', async () => {
    const { pool, events } = await open(served().folder, { ...withoutCache, idleUnloadMs: 150 });
    expect(pool.state().texts.status).toBe('unloaded');
    const before = await pool.encodeTexts([words[0]]);
    const { pid } = pool.state().texts;
    await until(() => !isAlive(pid!));
    expect(pool.state().texts).toMatchObject({ status: 'unloaded', deaths: 0 });
    expect(await pool.encodeTexts([words[0]])).toEqual(before);
    expect(events.filter(({ kind }) => kind === 'loaded' || kind === 'unloaded').map(({ kind }) => kind)).toEqual([
      'loaded',
      'unloaded',
      'loaded',
    ]);
  });
});

test('several bundles load one at a time, remember together, and are replaced by name', async () => {
  const events: ServingEvent[] = [];
  const pools = new EncoderPools({ requestTimeoutMs: 50_000, observe: (event) => void events.push(event) });
  const [one, two] = [await pools.add('one', served().folder), await pools.add('two', served().folder)];
  const loads = [one.preload('texts'), two.preload('texts')];
  await Promise.race(loads);
  // The second has not even begun when the first is there.
  expect([one, two].map((pool) => pool.state().texts.status).sort()).toEqual(['loading', 'ready']);
  await Promise.all(loads);
  // Both are of one fingerprint: what one encoded the other remembers.
  expect(await two.encodeTexts([words[0]])).toEqual(await one.encodeTexts([words[0]]));
  expect(batchSizes(events)).toEqual([1]);
  const { pid } = one.state().texts;
  const other = await pools.add('one', served().folder);
  expect(isAlive(pid!)).toBe(false);
  expect(pools.get('one')).toBe(other);
  expect(pools.list()).toHaveLength(2);
  expect(await pools.remove('two')).toBe(true);
  expect(await pools.remove('two')).toBe(false);
  expect(two.state().texts.status).toBe('closed');
  await pools.close();
  expect(other.state().texts.status).toBe('closed');
});

test('thousands of texts leave no memory behind', async () => {
  const { pool } = await open(served().folder, { cacheBytes: 2 ** 20 });
  const some = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 50) {
      await pool.encodeTexts(Array.from({ length: 50 }, (_, k) => `a red circle and ${i + k + count} squares`));
    }
  };
  await some(4000);
  const before = process.memoryUsage();
  await some(12_000);
  const after = process.memoryUsage();
  expect(after.external - before.external).toBeLessThan(16 * 2 ** 20);
  expect(after.rss - before.rss).toBeLessThan(64 * 2 ** 20);
});
