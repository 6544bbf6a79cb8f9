import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openNpy } from '../../files/npy.ts';
import { hasShared, sharedPath } from '../../testing/shared.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { callVerb } from '../../testing/verb.ts';
import { verb } from './features.ts';

const model = 'models/mobilenet_v2_1.0_224.onnx';

/** A folder of small pictures without captions, one of them broken. */
async function pictures(count: number): Promise<string> {
  const folder = temporaryFolder();
  for (let i = 0; i < count; i++) {
    const background = { r: 9 * i, g: 255 - 7 * i, b: 100 };
    await sharp({ create: { width: 40, height: 30, channels: 3, background } })
      .png()
      .toFile(join(folder, `p${i}.png`));
  }
  writeFileSync(join(folder, 'broken.png'), 'no picture');
  return folder;
}

const flags = (out: string): Record<string, string> => ({
  'features.backbone': sharedPath(model),
  'features.preprocessing': 'mobilenet-v2',
  'features.out': out,
});

test.skipIf(!hasShared(model))('a folder of pictures becomes a feature file; what is broken is listed', async () => {
  const folder = await pictures(3);
  const out = join(folder, 'f.npy');
  const { json, lines, notes } = await callVerb(verb, [folder], { ...flags(out), 'features.views': '1' });
  expect(json).toMatchObject({ path: out, shape: [3, 2, 49, 1280], unreadable: [{ id: 'broken.png' }] });
  expect(lines).toContain('broken.png');
  expect(lines).toContain(`${out}: 3 x 2 x 49 x 1280 float16`);
  expect(notes).toEqual([`${folder}: no captions, so all 4 pictures in it and below are taken`]);
  const file = await openNpy(out);
  expect([file.dtype, file.shape]).toEqual(['float16', [3, 2, 49, 1280]]);
  await file.close();
  await expect(callVerb(verb, [folder], flags(out))).rejects.toMatchObject({ code: 'DIPTYCH_FEATURES_TAKEN' });
});

test.skipIf(!hasShared(model))('SIGTERM ends it with 143, and what is done is kept', async () => {
  const folder = await pictures(300);
  const out = join(folder, 'f.npy');
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const asked = ['--backbone', sharedPath(model), '--preprocessing', 'mobilenet-v2', '--out', out, '--json'];
  const child = spawn(process.execPath, [
    '--import',
    import.meta.resolve('tsx/esm'),
    main,
    'features',
    folder,
    ...asked,
  ]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    if (!stderr.includes('"progress"') && String(data).includes('"progress"')) child.kill('SIGTERM');
    stderr += data;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code).toBe(143);
  expect(JSON.parse(stdout).error.code).toBe('DIPTYCH_FEATURES_STOPPED');
  expect(stderr).toContain('SIGTERM: finishing and saving');
  expect(existsSync(`${out}.unfinished`)).toBe(true);
});

test('what is no data set is refused by the reader of data sets', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'notes.md'), 'nothing');
  const refused = callVerb(verb, [folder], flags(join(folder, 'f.npy')));
  await expect(refused).rejects.toMatchObject({ code: 'DIPTYCH_DATA_FORMAT_UNKNOWN' });
});
