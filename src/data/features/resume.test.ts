/** @file Extraction interrupted: kills at any moment, signals, a full disk, two runs at once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { ProgressReport } from '../../system/progress.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { type ExtractOptions, extractFeatures } from './extract.ts';
import { coded, filesOf, prepare } from './testing/prepare.ts';

/** Starts an extraction in a process of its own. */
function startProcess(options: ExtractOptions, limit = ''): { child: ChildProcess; output: () => string } {
  const path = join(options.backbone, '..', 'options.json');
  writeFileSync(path, JSON.stringify(options));
  const script = fileURLToPath(new URL('./testing/extract-process.ts', import.meta.url));
  const command = `${limit} exec "$0" --import tsx/esm "$1" "$2"`;
  const child = spawn('sh', ['-c', command, process.execPath, script, path], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, output: () => output };
}

/** How many lines an unfinished extraction has written down. */
function linesOf(out: string): number {
  const journal = join(`${out}.unfinished`, 'journal.jsonl');
  return existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 1 : 0;
}

test('killed again and again, the file ends up as if nothing had happened', async () => {
  const options = { ...(await prepare(140, 420)), views: 2, seed: 5 };
  for (const number of [3, 77, 139]) writeFileSync(options.images[number].path as string, 'damaged');
  const undisturbed = { ...options, out: join(options.out, '..', 'undisturbed.npy') };
  await extractFeatures(undisturbed);

  for (let kill = 0; kill < 4; kill++) {
    const { child, output } = startProcess(options);
    const before = linesOf(options.out);
    while (child.exitCode === null && linesOf(options.out) <= before) await setTimeout(5);
    await setTimeout(Math.random() * 100);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    expect(output()).toBe('');
    expect(existsSync(options.out)).toBe(false);
  }
  const extraction = await extractFeatures(options);
  expect(extraction.encoded).toBeGreaterThan(0);
  expect(extraction.encoded).toBeLessThan(130);
  expect(extraction.unreadable.map(({ id }) => id)).toEqual(['picture 3', 'picture 77', 'picture 139']);
  expect(filesOf(options.out)).toEqual(filesOf(undisturbed.out));
  expect(existsSync(`${options.out}.unfinished`)).toBe(false);
});

test('killed at each step of the end, it goes on from there', async () => {
  const options = await prepare(11);
  writeFileSync(options.images[4].path as string, 'damaged');
  const { out } = options;
  const kept = join(temporaryFolder(), 'kept');
  const unfinished = `${out}.unfinished`;
  const update = ({ done, total }: ProgressReport): void => {
    if (done === total) cpSync(unfinished, kept, { recursive: true });
  };
  await extractFeatures({ ...options, progress: { update, note() {}, finish() {} } });
  const complete = filesOf(out);
  const [npy, json] = [out, out.replace('.npy', '.json')];
  const [head] = readFileSync(join(kept, 'journal.jsonl'), 'utf8').split('\n');
  const { reason } = JSON.parse(complete[1].toString()).unreadable[0];
  const done = Array.from({ length: Math.ceil(11 / JSON.parse(head).piece) }, (_, piece) => piece);
  const journal = `${head}\n${JSON.stringify({ done, refused: [[4, reason]] })}\n`;
  const stored = readFileSync(join(kept, 'rows.npy.partial'));
  const again = async (files: Record<string, string | Buffer>): Promise<number> => {
    for (const path of [npy, json, unfinished]) rmSync(path, { recursive: true, force: true });
    mkdirSync(unfinished);
    for (const [path, content] of Object.entries(files)) writeFileSync(path, content);
    const { encoded } = await extractFeatures(options);
    expect(filesOf(out)).toEqual(complete);
    expect(existsSync(unfinished)).toBe(false);
    return encoded;
  };
  const log = { [join(unfinished, 'journal.jsonl')]: journal };
  const [partial, whole] = [join(unfinished, 'rows.npy.partial'), join(unfinished, 'rows.npy')];
  expect(await again({ ...log, [partial]: stored })).toBe(0);
  expect(await again({ ...log, [whole]: stored })).toBe(0);
  expect(await again({ ...log, [whole]: stored, [npy]: complete[0] })).toBe(0);
  expect(await again({ ...log, [npy]: complete[0] })).toBe(0);
  expect(await again({ ...log, [npy]: complete[0], [json]: complete[1] })).toBe(0);
  // Rows that are gone are made again, and so are those that no journal vouches for.
  expect(await again(log)).toBe(11);
  expect(await again({ [partial]: stored })).toBe(11);
  expect(await again({ ...log, [partial]: stored.subarray(0, 200) })).toBe(11);
});

test('a second run on the same file is refused while the first is at it', async () => {
  const options = await prepare(60, 420);
  const { child } = startProcess(options);
  while (child.exitCode === null && linesOf(options.out) < 1) await setTimeout(5);
  expect(await coded(extractFeatures(options))).toMatch(/^DIPTYCH_RUN_LOCKED/);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  expect((await extractFeatures(options)).shape).toEqual([60, 4, 6]);
});

test('a signal stops it after the pictures at hand; the same command goes on', async () => {
  const options = await prepare(120, 300);
  const stop = new AbortController();
  const progress = { update: () => stop.abort(), note() {}, finish() {} };
  expect(await coded(extractFeatures({ ...options, progress, signal: stop.signal }))).toMatch(
    /^DIPTYCH_FEATURES_STOPPED .*stopped after \d+ of 120 pictures/,
  );
  const { encoded } = await extractFeatures(options);
  expect(encoded).toBeGreaterThan(0);
  expect(encoded).toBeLessThan(120);
});

test.skipIf(process.platform === 'win32')('a full disk ends it with a code; with room again it goes on', async () => {
  const options = await prepare(40);
  // Blocks of 512 bytes: the rows take 40 x 48 bytes and a header, the sidecar does not fit.
  const { child, output } = startProcess({ ...options, dtype: 'float32' }, 'ulimit -f 7;');
  await once(child, 'exit');
  expect(output()).toMatch(/cannot be written \(EFBIG\)/);
  expect(existsSync(options.out)).toBe(false);
  expect((await extractFeatures({ ...options, dtype: 'float32' })).shape).toEqual([40, 4, 6]);
  expect(statSync(options.out).size).toBeGreaterThan(40 * 96);
});
