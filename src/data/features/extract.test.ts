/** @file Extraction: values, views, pictures set aside, refusals, and above all kills at any moment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tinyPreprocessing, tinyRegions, writeTinyBackbone } from '../../encoders/testing/tiny-backbone.ts';
import { toFloat16 } from '../../files/float16.ts';
import { readNpy } from '../../files/npy.ts';
import type { ProgressReport } from '../../system/progress.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { decodeImage } from '../images/decode.ts';
import { preprocess } from '../images/preprocess.ts';
import { type ExtractOptions, extractFeatures } from './extract.ts';
import { FeatureFile } from './file.ts';
import { drawPictures } from './testing/pictures.ts';
import { viewOf } from './views.ts';

/** A folder with a tiny backbone and some pictures, and the options that go with it. */
async function prepare(count: number, side?: number): Promise<ExtractOptions> {
  const folder = temporaryFolder();
  const backbone = join(folder, 'tiny.onnx');
  writeTinyBackbone(backbone);
  const images = await drawPictures(folder, count, side);
  return { images, backbone, preprocessing: tinyPreprocessing(), out: join(folder, 'out', 'tiny.npy'), threads: 1 };
}

const coded = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error) => `${error.code} ${error.message}`,
  );

const filesOf = (out: string): Buffer[] => [readFileSync(out), readFileSync(out.replace('.npy', '.json'))];

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

/** Starts an extraction in a process of its own. */
function startProcess(options: ExtractOptions, limit = ''): { child: ChildProcess; output: () => string } {
  const path = join(options.backbone, '..', 'options.json');
  writeFileSync(path, JSON.stringify(options));
  const script = fileURLToPath(new URL('./testing/extract-process.ts', import.meta.url));
  const command = `${limit} exec "$0" --import tsx "$1" "$2"`;
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

describe('kills', () => {
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
    const journal = `${head}\n{"done":[0,1],"refused":[[4,${JSON.stringify(reason)}]]}\n`;
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
});
