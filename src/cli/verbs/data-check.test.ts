import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { diptych } from '../../testing/diptych.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { callVerb } from '../../testing/verb.ts';
import { verb } from './data-check.ts';

test('a data set with faults is told to people, and to programs with the exit code 1', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'photos'));
  const picture = sharp({ create: { width: 4, height: 3, channels: 3, background: '#102030' } });
  await picture.png().toFile(join(folder, 'photos/a.png'));
  writeFileSync(join(folder, 'photos/b.png'), 'no picture');
  const rows = ['file,words', 'a.png,a dark field', 'b.png,a broken one', 'gone.png,nothing'];
  const table = join(folder, 'table.csv');
  writeFileSync(table, rows.join('\n'));

  const words = ['data', 'check', table, '--images', join(folder, 'photos'), '--image-column', 'file'];
  const { code, stdout, stderr } = await diptych([...words, '--caption-columns', 'words', '--json']);
  expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 1, lines: 2 });
  expect(JSON.parse(stdout)).toMatchObject({
    images: 2,
    captions: 2,
    clean: false,
    pictures: { decoded: 1, unreadable: [{ id: 'b.png' }] },
    quarantined: [{ line: 4, kind: 'missing-file' }],
  });
  expect(stderr).toContain('faults were found; nothing was changed');

  const unnamed = callVerb(verb, [table], { 'data.images': join(folder, 'photos') });
  await expect(unnamed).rejects.toMatchObject({ code: 'DIPTYCH_DATA_COLUMN_MISSING' });
});
