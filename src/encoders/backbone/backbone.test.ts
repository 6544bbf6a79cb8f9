/** @file A backbone in this process, and in processes of a pool: values, shapes, refusals, deaths. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { drawPictures } from '../../data/features/testing/pictures.ts';
import { decodeImage } from '../../data/images/decode.ts';
import { plainView, preprocess } from '../../data/images/preprocess.ts';
import { preprocessingSchema } from '../../data/images/preprocessing.ts';
import { isDiptychError } from '../../errors/error.ts';
import { fromFloat16 } from '../../files/float16.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { Backbone } from './backbone.ts';
import { BackbonePool } from './pool.ts';
import { DIMENSION, REGIONS, tinyPreprocessing, tinyRegions, writeTinyBackbone } from './testing/tiny.ts';

function tinyModel(): string {
  const path = join(temporaryFolder(), 'tiny.onnx');
  writeTinyBackbone(path);
  return path;
}

const pixels = Float32Array.from({ length: 192 }, (_, i) => Math.cos(i));
const near = (found: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(expected[i], 4);
};

describe('in this process', () => {
  test.each(['regions', 'map'] as const)('%s: one row for each region', async (output) => {
    const backbone = await Backbone.load({ model: tinyModel(), preprocessing: tinyPreprocessing(output) }, 1);
    expect(backbone.shape).toEqual({ output, regions: REGIONS, dimension: DIMENSION });
    near(await backbone.features(pixels), tinyRegions(pixels));
  });

  test.each(['regions', 'map'] as const)('%s: rounded to half precision where they are wanted', async (output) => {
    const file = { model: tinyModel(), preprocessing: tinyPreprocessing(output) };
    const halves = await (await Backbone.load(file, 1, 'float16')).features(pixels);
    const around = new Float32Array(3 * halves.length).fill(7);
    const backbone = await Backbone.load(file, 1, 'float16', true);
    await backbone.featuresInto(pixels, around.subarray(halves.length, 2 * halves.length));
    const [before, found, after] = [0, 1, 2].map((part) =>
      around.slice(part * halves.length, (part + 1) * halves.length),
    );
    expect(found).toEqual(fromFloat16(halves as Uint16Array));
    expect([...before, ...after].every((x) => x === 7)).toBe(true);
  });

  test('a global vector is one region', async () => {
    const backbone = await Backbone.load({ model: tinyModel(), preprocessing: tinyPreprocessing('pooled') }, 1);
    expect(backbone.shape).toEqual({ output: 'pooled', regions: 1, dimension: DIMENSION });
    const regions = tinyRegions(pixels);
    const mean = Array.from({ length: DIMENSION }, (_, d) =>
      [0, 1, 2, 3].reduce((sum, region) => sum + regions[region * DIMENSION + d] / REGIONS, 0),
    );
    near(await backbone.features(pixels), mean);
  });

  const resize = { width: 8, height: 8 };
  test.each([
    ['no output chosen', { resize }, 'DIPTYCH_BACKBONE_NAMES', /several outputs \(map, regions, pooled\)/],
    ['no such output', { resize, output: 'x' }, 'DIPTYCH_BACKBONE_NAMES', /no output x; it has map, regions, pooled/],
    ['no such input', { resize, input: 'x', output: 'map' }, 'DIPTYCH_BACKBONE_NAMES', /no input x; it has pixels/],
    [
      'other size',
      { resize: { width: 9, height: 8 }, output: 'map' },
      'DIPTYCH_BACKBONE_SHAPE',
      /pixels is \[N, 3, 8, 8\]: the preprocessing makes \[1, 3, 8, 9\]/,
    ],
    ['other layout', { resize, output: 'map', layout: 'NHWC' }, 'DIPTYCH_BACKBONE_SHAPE', /makes \[1, 8, 8, 3\]/],
  ])('refused: %s', async (_, description, code, message) => {
    const file = { model: tinyModel(), preprocessing: preprocessingSchema.parse(description) };
    const error = await Backbone.load(file, 1).catch((cause) => cause);
    expect(isDiptychError(error) && error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('refused: what is no model, and what is not there', async () => {
    const model = join(temporaryFolder(), 'model.onnx');
    const load = () => Backbone.load({ model, preprocessing: tinyPreprocessing() }, 1).catch((cause) => cause);
    expect((await load()).code).toBe('DIPTYCH_FILE_MISSING');
    writeFileSync(model, 'no model');
    expect((await load()).code).toBe('DIPTYCH_BACKBONE_UNLOADABLE');
  });
});

/** Numbers and memory (KiB) of the processes that a pool has started. */
function children(): { pid: number; memory: number }[] {
  const table = execFileSync('ps', ['-ww', '-o', 'pid=,rss=,args=', '--ppid', `${process.pid}`], { encoding: 'utf8' });
  return table
    .split('\n')
    .filter((line) => line.includes('backbone/child'))
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid, memory]) => ({ pid, memory }));
}

describe('in processes', () => {
  test('gives what this process gives, refuses what is no picture, and survives a process that is killed', async () => {
    const folder = temporaryFolder();
    const images = await drawPictures(folder, 12, 300);
    writeFileSync(join(folder, 'broken.png'), 'no picture');
    const file = { model: tinyModel(), preprocessing: tinyPreprocessing() };
    const pool = await BackbonePool.open(file, { processes: 2 });
    onTestFinished(() => pool.close());
    expect(pool.shape).toEqual({ output: 'regions', regions: REGIONS, dimension: DIMENSION });
    expect(children().length).toBe(2);
    const mirrored = { ...plainView, mirrored: true };
    const picture = (source: string) => ({ source, views: [plainView, mirrored] });
    const sources = [...images.map(({ path }) => path), join(folder, 'broken.png')];
    const jobs = sources.map((source) => pool.encode([picture(source), picture(images[0].path)]));
    process.kill(children()[0].pid, 'SIGKILL');
    const results = await Promise.all(jobs);
    const expectedOf = async (source: string): Promise<number[]> => {
      const image = await decodeImage(source);
      return [plainView, mirrored].flatMap((view) => [...tinyRegions(preprocess(image, file.preprocessing, view))]);
    };
    const first = await expectedOf(images[0].path);
    for (const [i, [result, again]] of results.entries()) {
      near('features' in again ? again.features! : [], first);
      if (i === images.length) expect(result).toEqual({ refused: 'Input buffer contains unsupported image format' });
      else near('features' in result ? result.features! : [], await expectedOf(sources[i]));
    }
    await pool.close();
    expect(children()).toEqual([]);
    await expect(pool.encode([picture(images[0].path)])).rejects.toThrow();
  });

  test('a picture whose process is ended each time is refused, the others of its job are not', async () => {
    const folder = temporaryFolder();
    const [image] = await drawPictures(folder, 1);
    const huge = join(folder, 'huge.png');
    const blank = { create: { width: 8000, height: 8000, channels: 3, background: '#808080' } } as const;
    await sharp(blank).png({ compressionLevel: 1 }).toFile(huge);
    const pool = await BackbonePool.open({ model: tinyModel(), preprocessing: tinyPreprocessing() }, { processes: 1 });
    onTestFinished(() => pool.close());
    // Plays the system that ends a process whose memory grows too large.
    const watch = setInterval(() => {
      for (const { pid, memory } of children()) if (memory > 240_000) process.kill(pid, 'SIGKILL');
    }, 20);
    onTestFinished(() => clearInterval(watch));
    const results = await pool.encode([image.path, huge, image.path].map((source) => ({ source, views: [plainView] })));
    expect(results[1]).toEqual({ refused: 'the process that decoded it ended, twice' });
    for (const i of [0, 2]) expect('features' in results[i] && results[i].features?.length).toBe(REGIONS * DIMENSION);
  });

  test('a backbone that cannot be loaded is an error of opening, and leaves no process', async () => {
    const file = { model: join(temporaryFolder(), 'absent.onnx'), preprocessing: tinyPreprocessing() };
    await expect(BackbonePool.open(file, { processes: 2 })).rejects.toMatchObject({ code: 'DIPTYCH_FILE_MISSING' });
    expect(children()).toEqual([]);
  });
});
