/** @file The service as a program: told where it listens, asked, stopped; what was accepted is answered. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openBundle } from '../bundle/open.ts';
import { Client } from '../client/client.ts';
import { createIndex } from '../index/manage.ts';
import { folderSource } from '../index/source.ts';
import { writePicture } from '../index/testing/pictures.ts';
import { servedBundle } from '../serving/testing/bundle.ts';
import { diptych } from '../testing/diptych.ts';
import { temporaryFolder } from '../testing/temporary.ts';

const bundle = servedBundle();
const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

/** Starts `diptych serve` and waits for its address. */
async function start(words: readonly string[]) {
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx/esm'), main, 'serve', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const [url] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [string];
  return { url, child, ended };
}

test('serve answers with a real model, stops when told, and finishes what it has accepted', async () => {
  const folder = temporaryFolder();
  const pictures = join(folder, 'pictures');
  mkdirSync(pictures);
  for (const colour of ['red', 'blue', 'white']) await writePicture(pictures, `${colour}.png`, colour);
  const index = join(folder, 'index');
  const model = await openBundle(bundle().folder, { threads: 1 });
  await createIndex(index, model, [await folderSource(pictures)]);
  await model.close();

  const refused = await diptych(['serve', bundle().folder, index, '--host', '0.0.0.0', '--port', '0']);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('DIPTYCH_SERVER_BIND')]);

  const keys = join(folder, 'keys.json');
  const made = await diptych(['keys', 'create', keys, '--name', 'test', '--scopes', 'read,write', '--json']);
  const { key } = JSON.parse(made.stdout);
  expect((await diptych(['keys', 'list', keys])).stdout).toMatch(/^test {2}read, write/);

  const { url, child, ended } = await start([bundle().folder, index, '--port', '0', '--keys', keys]);
  await expect.poll(async () => (await fetch(`${url}readyz`)).status, { timeout: 60_000 }).toBe(200);
  const client = new Client({ url, key });
  expect((await fetch(`${url}v1/indexes`)).status).toBe(401);
  const { results } = await client.search({ query: { text: 'a red circle' } });
  expect(results).toHaveLength(3);
  expect(results[0]).not.toHaveProperty('path');
  expect((await client.embed({ texts: ['a', 'b'] })).vectors).toHaveLength(2);
  expect((await client.thumbnail('index', 'red.png', 160)).type).toBe('image/webp');

  const added = Array.from({ length: 8 }, (_, i) =>
    client.addItems('index', { items: [{ id: `late ${i}`, vector: new Array(32).fill(i + 1) }] }),
  );
  await expect.poll(async () => (await fetch(`${url}healthz`)).status).toBe(200);
  child.kill('SIGTERM');
  const accepted = (await Promise.allSettled(added)).filter(({ status }) => status === 'fulfilled').length;
  const [code] = await ended;
  expect(code).toBe(143);
  const again = await start([bundle().folder, index, '--port', '0', '--no-preload']);
  const { total } = await new Client({ url: again.url }).items('index', {});
  expect(total).toBe(3 + accepted);
  again.child.kill('SIGTERM');
  await again.ended;
}, 180_000);

test('docs/embed.md searches in ten lines', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'photos'));
  for (const colour of ['red', 'blue']) await writePicture(join(folder, 'photos'), `${colour}.png`, colour);
  const page = readFileSync(new URL('../../docs/embed.md', import.meta.url), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(page)![1];
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(10);
  const places = {
    diptych: new URL('../index.ts', import.meta.url).href,
    'demo/bundle': bundle().folder,
    photos: join(folder, 'photos'),
    'my-index': join(folder, 'my-index'),
  };
  const put = (text: string, [name, place]: [string, string]) => text.replaceAll(`'${name}'`, JSON.stringify(place));
  writeFileSync(join(folder, 'search.mjs'), Object.entries(places).reduce(put, code));
  const program = ['--import', import.meta.resolve('tsx/esm'), join(folder, 'search.mjs')];
  const { code: exit, stdout, stderr } = await diptych([], { program });
  expect(exit, stderr).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(2);
}, 180_000);
