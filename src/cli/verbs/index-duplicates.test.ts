import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DuplicateReport } from '../../index/duplicates/duplicates.ts';
import { createIndex } from '../../index/manage.ts';
import { folderSource } from '../../index/source.ts';
import { colourEncoder } from '../../index/testing/encoder.ts';
import { writePicture } from '../../index/testing/pictures.ts';
import { diptych } from '../../testing/diptych.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { callVerb } from '../../testing/verb.ts';
import { verb } from './index-duplicates.ts';

test('duplicates are printed, written as a page, and told to programs', async () => {
  const pictures = temporaryFolder();
  for (const name of ['red', 'green', 'blue']) await writePicture(pictures, `${name}.png`, name);
  copyFileSync(join(pictures, 'red.png'), join(pictures, 'zinnober.png'));
  const folder = join(temporaryFolder(), 'index');
  await createIndex(folder, colourEncoder(), [await folderSource(pictures)]);
  const page = join(temporaryFolder(), 'same.html');

  const { lines } = await callVerb(verb, [folder], { 'duplicates.sheet': page });
  expect(lines).toContain('4 pictures: 1 groups, 1 that could go; alike from 0.97\n');
  expect(lines).toContain('red.png  24x16\n  bytes      1.000  zinnober.png  24x16\n');
  const written = readFileSync(page, 'utf8');
  expect(written).toContain('the same file');
  expect(written.match(/data:image\/jpeg/g)).toHaveLength(2);
  expect(written).not.toContain('<script');

  const ran = await diptych(['index', 'duplicates', folder, '--by', 'embedding', '--threshold', '0.02', '--json']);
  expect(ran.code).toBe(0);
  const report = JSON.parse(ran.stdout) as DuplicateReport;
  expect(report).toMatchObject({ by: 'embedding', threshold: 0.02, suggestedThreshold: null, pictures: 4 });
  expect(report.groups).toHaveLength(1);
  expect(report.groups[0].others.map(({ id }) => id)).not.toContain('red.png');
});
