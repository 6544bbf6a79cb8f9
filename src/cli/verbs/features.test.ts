import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openNpy } from '../../files/npy.ts';
import { diptych } from '../../testing/diptych.ts';
import { hasShared, sharedPath } from '../../testing/shared.ts';
import { temporaryFolder } from '../../testing/temporary.ts';

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

const words = (folder: string, out: string): string[] => {
  return ['features', folder, '--backbone', sharedPath(model), '--preprocessing', 'mobilenet-v2', '--out', out];
};

test.skipIf(!hasShared(model))('a folder of pictures becomes a feature file; what is broken is listed', async () => {
  const folder = await pictures(3);
  const out = join(folder, 'f.npy');
  const { code, stdout, stderr } = await diptych([...words(folder, out), '--views', '1', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    path: out,
    shape: [3, 2, 49, 1280],
    encoded: expect.any(Number),
    unreadable: [{ id: 'broken.png' }],
  });
  expect(stderr).toContain('no captions, so all 4 pictures');
  const file = await openNpy(out);
  expect([file.dtype, file.shape]).toEqual(['float16', [3, 2, 49, 1280]]);
  await file.close();

  const again = await diptych(words(folder, out));
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toContain('DIPTYCH_FEATURES_TAKEN');
});

test.skipIf(!hasShared(model))('SIGTERM ends it with 143, and what is done is kept', async () => {
  const folder = await pictures(400);
  const out = join(folder, 'f.npy');
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const child = spawn(process.execPath, [
    '--import',
    import.meta.resolve('tsx'),
    main,
    ...words(folder, out),
    '--json',
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

test('a data set that is no data set is refused by the reader of data sets', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'notes.md'), 'nothing');
  const { code, stderr } = await diptych(words(folder, join(folder, 'f.npy')));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^DIPTYCH_DATA_FORMAT_UNKNOWN: /);
});
