/** @file Extraction: values, views, pictures set aside, and what is refused. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tinyRegions, writeTinyBackbone } from '../../encoders/backbone/testing/tiny.ts';
import { toFloat16 } from '../../files/float16.ts';
import { readNpy } from '../../files/npy.ts';
import type { ProgressReport } from '../../system/progress.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { decodeImage } from '../images/decode.ts';
import { preprocess } from '../images/preprocess.ts';
import { extractFeatures } from './extract.ts';
import { FeatureFile } from './file.ts';
import { coded, filesOf, prepare } from './testing/prepare.ts';
import { viewOf } from './views.ts';

describe('what is written', () => {
  test('rows by the definition, in order, views included; unreadable pictures listed and left out', async () => {
    const options = await prepare(19);
    const { images, out, preprocessing } = options;
    const [first, second, third] = images.map(({ path }) => path as string);
    writeFileSync(first, 'damaged');
    rmSync(second);
    const nowhere = { id: 'without a picture' };
    const reports: ProgressReport[] = [];
    const extraction = await extractFeatures({
      ...options,
      images: [...images.slice(0, 9), nowhere, ...images.slice(9)],
      dtype: 'float32',
      views: 2,
      seed: 7,
      threads: 2,
      progress: { update: (report) => reports.push(report), note() {}, finish() {} },
    });
    expect(extraction.shape).toEqual([17, 3, 4, 6]);
    expect(extraction.encoded).toBe(20);
    expect(extraction.unreadable).toEqual([
      { id: 'picture 0', file: first, reason: 'Input buffer contains unsupported image format' },
      { id: 'picture 1', file: second, reason: 'no such file' },
      { id: 'without a picture', file: '', reason: 'the data set names no picture' },
    ]);
    expect(reports.at(-1)).toMatchObject({ done: 20, total: 20, unit: 'images', figures: { unreadable: 3 } });

    const file = await FeatureFile.open(out);
    onTestFinished(() => file.close());
    expect(file.ids).toEqual(images.slice(2).map(({ id }) => id));
    for (const { id, path } of images.slice(2)) {
      const image = await decodeImage(path as string);
      for (const view of [0, 1, 2]) {
        const expected = tinyRegions(preprocess(image, preprocessing, viewOf(7, id, view)));
        const found = file.readSync([file.row(id)], undefined, view);
        for (let i = 0; i < expected.length; i++) expect(found[i]).toBeCloseTo(expected[i], 4);
      }
    }
    expect(existsSync(third)).toBe(true);
    expect(readdirSync(join(out, '..')).sort()).toEqual(['tiny.json', 'tiny.npy']);
  });

  test('float16 is float32 rounded; another output is another tensor', async () => {
    const options = await prepare(3);
    const single = join(options.out, '..', 'single.npy');
    await extractFeatures({ ...options, dtype: 'float32', out: single });
    const { shape } = await extractFeatures(options);
    expect(shape).toEqual([3, 4, 6]);
    const halves = await readNpy(options.out);
    const exact = await readNpy(single);
    expect(halves.data).toEqual(toFloat16(exact.data as Float32Array));
    const pooled = join(options.out, '..', 'pooled.npy');
    expect((await extractFeatures({ ...options, output: 'pooled', out: pooled })).shape).toEqual([3, 1, 6]);
  });

  test('features beyond the range of float16 set the picture aside', async () => {
    const options = await prepare(2);
    writeTinyBackbone(options.backbone, 1e6);
    expect(await coded(extractFeatures(options))).toBe(
      `DIPTYCH_FEATURES_NONE ${options.out}: none of 2 pictures gave features (its features are beyond float16)`,
    );
    expect((await extractFeatures({ ...options, dtype: 'float32' })).unreadable).toEqual([]);
  });
});

describe('what is refused', () => {
  test('no pictures, ids that repeat, a name that is not npy', async () => {
    const options = { ...(await prepare(0)), images: [{ id: 'a' }, { id: 'b' }, { id: 'a' }] };
    expect(await coded(extractFeatures(options))).toMatch(/^DIPTYCH_FEATURES_IDS .*image a is there twice/);
    expect(await coded(extractFeatures({ ...options, images: [] }))).toMatch(/^DIPTYCH_FEATURES_NONE/);
    expect(await coded(extractFeatures({ ...options, out: 'x.bin' }))).toMatch(/^DIPTYCH_FEATURES_INVALID x.bin/);
    const absent = { ...options, images: [{ id: 'a' }], backbone: 'absent.onnx' };
    expect(await coded(extractFeatures(absent))).toMatch(/^DIPTYCH_FILE_MISSING/);
  });

  test('pictures that are all absent; when they are back, the same command works', async () => {
    const options = await prepare(9);
    const folder = join(options.backbone, '..');
    const away = join(temporaryFolder(), 'away');
    cpSync(folder, away, { recursive: true });
    for (const { path } of options.images) rmSync(path as string);
    expect(await coded(extractFeatures(options))).toMatch(/^DIPTYCH_FEATURES_NONE .*none of 9 .*no such file/);
    cpSync(away, folder, { recursive: true });
    expect((await extractFeatures(options)).unreadable).toEqual([]);
  });

  test('a finished file is left as it is by the same request, refused to another, replaced on demand', async () => {
    const options = await prepare(5);
    await extractFeatures(options);
    const before = filesOf(options.out);
    expect(await extractFeatures(options)).toMatchObject({ shape: [5, 4, 6], encoded: 0 });
    const other = { ...options, dtype: 'float32' as const };
    expect(await coded(extractFeatures(other))).toBe(
      `DIPTYCH_FEATURES_TAKEN ${options.out}: holds features of another run (dtype "float16" instead of "float32")`,
    );
    expect(await coded(extractFeatures({ ...options, images: options.images.slice(1) }))).toMatch(/\(other images\)/);
    // The seed decides nothing where nothing is random.
    expect((await extractFeatures({ ...options, seed: 3 })).encoded).toBe(0);
    expect(filesOf(options.out)).toEqual(before);
    expect((await extractFeatures({ ...other, resume: false })).encoded).toBe(5);
    expect((await readNpy(options.out)).dtype).toBe('float32');
  });

  test("an npy file without a sidecar is nobody's to replace", async () => {
    const options = await prepare(1);
    mkdirSync(join(options.out, '..'));
    writeFileSync(options.out, 'precious');
    expect(await coded(extractFeatures(options))).toMatch(/^DIPTYCH_FEATURES_TAKEN .*it has no sidecar/);
    expect(readFileSync(options.out, 'utf8')).toBe('precious');
  });

  test('a folder that cannot be made', async () => {
    const options = await prepare(1);
    const out = join(options.backbone, 'below a file', 'x.npy');
    expect(await coded(extractFeatures({ ...options, out }))).toMatch(/^DIPTYCH_FILE_UNWRITABLE/);
  });
});
