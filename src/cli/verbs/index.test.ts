import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createIndex } from '../../index/manage.ts';
import { folderSource } from '../../index/source.ts';
import { colourEncoder } from '../../index/testing/encoder.ts';
import { writePicture } from '../../index/testing/pictures.ts';
import { diptych } from '../../testing/diptych.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { callVerb } from '../../testing/verb.ts';
import { verb as check } from './index-check.ts';
import { verb as info } from './index-info.ts';
import { verb as remove } from './index-remove.ts';

/** An index of three pictures. */
async function indexed(store: 'flat' | 'lance' = 'flat'): Promise<string> {
  const pictures = temporaryFolder();
  for (const name of ['red', 'green', 'blue']) await writePicture(pictures, `${name}.png`, name);
  const folder = join(temporaryFolder(), 'index');
  await createIndex(folder, colourEncoder(), [await folderSource(pictures)], { store });
  return folder;
}

test('an index says what it holds, loses items by id or filter, and is checked', async () => {
  const folder = await indexed();
  const { lines } = await callVerb(info, [folder]);
  expect(lines).toContain(`${folder}, v1: 3 pictures, 0 captions, `);
  expect(lines).toContain('vectors: 128 x float32, of model colours 1\n');

  const removed = await diptych(['index', 'remove', folder, 'red.png', 'gone.png', '--json']);
  expect(removed).toMatchObject({ code: 0, stdout: '{"removed":1}\n' });
  const byFilter = await callVerb(remove, [folder], { 'remove.filter': '{"kind": "image"}' });
  expect(byFilter.json).toEqual({ removed: 2 });
  expect(await callVerb(check, [folder])).toMatchObject({ lines: `${folder}: 0 rows, all whole`, exit: 0 });
});

test('a filter on a field that no item has, and a removal of nothing, are refused', async () => {
  const folder = await indexed();
  const filter = { 'remove.filter': '{"file": {"contains": "x"}}' };
  await expect(callVerb(remove, [folder], filter)).rejects.toMatchObject({ code: 'DIPTYCH_FILTER_FIELD' });
  await expect(callVerb(remove, [folder])).rejects.toMatchObject({ code: 'DIPTYCH_ARGUMENT_MISSING' });
  const nothing = callVerb(remove, [folder], { 'remove.filter': '{"all": [{}]}' });
  await expect(nothing).rejects.toMatchObject({ code: 'DIPTYCH_FILTER_EMPTY' });
});

test('damage is listed with the exit code 1', async () => {
  const folder = await indexed();
  const version = join(folder, 'v1');
  const files = readdirSync(version).map((name) => join(version, name));
  const largest = files.reduce((a, b) => (statSync(a).size >= statSync(b).size ? a : b));
  truncateSync(largest, statSync(largest).size - 1);
  const { exit, lines } = await callVerb(check, [folder]).catch((error) => ({
    exit: error.exit,
    lines: error.message,
  }));
  expect(exit).toBe(1);
  expect(lines).toContain(largest);
});
