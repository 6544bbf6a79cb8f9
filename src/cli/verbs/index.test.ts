import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createIndex } from '../../index/manage.ts';
import { folderSource } from '../../index/source.ts';
import { colourEncoder } from '../../index/testing/encoder.ts';
import { writePicture } from '../../index/testing/pictures.ts';
import { diptych } from '../../testing/diptych.ts';
import { temporaryFolder } from '../../testing/temporary.ts';

/** An index of three pictures. */
async function indexed(): Promise<string> {
  const pictures = temporaryFolder();
  for (const name of ['red', 'green', 'blue']) await writePicture(pictures, `${name}.png`, name);
  const folder = join(temporaryFolder(), 'index');
  await createIndex(folder, colourEncoder(), [await folderSource(pictures)]);
  return folder;
}

test('an index says what it holds, loses items by id or filter, and is checked', async () => {
  const folder = await indexed();
  const info = await diptych(['index', 'info', folder]);
  expect(info.stderr).toBe('');
  expect(info.stdout).toContain(`${folder}, v1: 3 pictures, 0 captions, `);
  expect(info.stdout).toContain('vectors: 128 x float32, of model colours 1\n');

  const filter = '{"file": {"contains": "x"}}';
  const wrong = await diptych(['index', 'remove', folder, '--filter', filter]);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(/^DIPTYCH_FILTER_FIELD: filter at file: no item has a field "file"/);

  const removed = await diptych(['index', 'remove', folder, 'red.png', 'gone.png', '--json']);
  expect(removed).toMatchObject({ code: 0, stdout: '{"removed":1}\n' });
  const byFilter = await diptych(['index', 'remove', folder, '--filter', '{"kind": "image"}', '--json']);
  expect(byFilter.stdout).toBe('{"removed":2}\n');

  const whole = await diptych(['index', 'check', folder]);
  expect(whole).toMatchObject({ code: 0, stdout: `${folder}: 0 rows, all whole\n` });
  const nothing = await diptych(['index', 'remove', folder]);
  expect(nothing).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('diptych index remove needs IDS or --filter'),
  });
});

test('damage is listed with the exit code 1', async () => {
  const folder = await indexed();
  const version = join(folder, 'v1');
  const files = readdirSync(version).map((name) => join(version, name));
  const largest = files.reduce((a, b) => (statSync(a).size >= statSync(b).size ? a : b));
  truncateSync(largest, statSync(largest).size - 1);
  const { code, stdout, stderr } = await diptych(['index', 'check', folder, '--json']);
  expect(code).toBe(1);
  expect(stdout.split('\n')).toHaveLength(2);
  expect(stderr).toContain(largest);
});
