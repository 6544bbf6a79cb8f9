/** @file Reading features: rows, views, types, files without a sidecar or larger than memory, and files that lie. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isDiptychError } from '../../errors/error.ts';
import { toFloat16 } from '../../files/float16.ts';
import { writeNpy } from '../../files/npy.ts';
import { NpyWriter } from '../../files/npy-writer.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { preprocessingSchema } from '../images/preprocessing.ts';
import { FeatureFile } from './file.ts';
import { type Sidecar, sidecarPath, writeSidecar } from './sidecar.ts';

const at = (row: number, view: number, i: number): number => row * 100 + view * 10 + i / 4;

function sidecar(ids: string[], shape: number[]): Sidecar {
  const preprocessing = preprocessingSchema.parse({ resize: { width: 8, height: 8 } });
  const plan = { backbone: 'b', preprocessing, dtype: 'float32' as const, views: 2, seed: 0, images: 'i' };
  return { version: 1, plan, model: 'm.onnx', output: 'o', shape, ids, unreadable: [] };
}

/** Four rows, three views, two regions of three numbers. */
async function write(dtype: 'float16' | 'float32', ids?: string[]): Promise<string> {
  const path = join(temporaryFolder(), 'x.npy');
  const data = Float32Array.from({ length: 4 * 3 * 6 }, (_, i) => at(Math.floor(i / 18), Math.floor(i / 6) % 3, i % 6));
  if (dtype === 'float16') await writeNpy(path, { dtype, shape: [4, 3, 2, 3], data });
  else await writeNpy(path, { dtype, shape: [4, 3, 2, 3], data });
  if (ids !== undefined) await writeSidecar(path, sidecar(ids, [4, 3, 2, 3]));
  return path;
}

async function open(path: string): Promise<FeatureFile> {
  const file = await FeatureFile.open(path);
  onTestFinished(() => file.close());
  return file;
}

const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error) => (isDiptychError(error) ? error.code : error),
  );

describe.each(['float16', 'float32'] as const)('%s', (dtype) => {
  test('rows in any order, again and again, one view for all or one for each', async () => {
    const file = await open(await write(dtype, ['a', 'b', 'c', 'd']));
    expect(file).toMatchObject({ dtype, images: 4, views: 3, regions: 2, dimension: 3, rowLength: 6 });
    const expected = (rows: number[], views: number[]): number[] =>
      rows.flatMap((row, i) => [0, 1, 2, 3, 4, 5].map((j) => at(row, views[i], j)));
    const rows = [3, 0, 3, 2];
    expect([...(await file.read(rows))]).toEqual(expected(rows, [0, 0, 0, 0]));
    expect([...(await file.read(rows, undefined, 2))]).toEqual(expected(rows, [2, 2, 2, 2]));
    const views = Int32Array.of(1, 2, 0, 1);
    const out = new Float32Array(30).fill(-1);
    expect(await file.read(Int32Array.from(rows), out, views)).toBe(out);
    expect([...out]).toEqual([...expected(rows, [...views]), ...Array(6).fill(-1)]);
    expect(file.readSync(rows, undefined, views)).toEqual(out.subarray(0, 24));
  });

  test('as stored', async () => {
    const file = await open(await write(dtype));
    const plain = Float32Array.from([0, 1, 2, 3, 4, 5], (i) => at(2, 1, i));
    const out = dtype === 'float16' ? new Uint16Array(6) : new Float32Array(6);
    await file.readStored([2], out, 1);
    expect(out).toEqual(dtype === 'float16' ? toFloat16(plain) : plain);
  });
});

test('rows by image id; without a sidecar by position alone', async () => {
  const named = await open(await write('float32', ['a', 'b', 'c', 'd']));
  expect([named.row('c'), named.has('c'), named.has('x')]).toEqual([2, true, false]);
  expect(() => named.row('x')).toThrow('image x has no row');
  const bare = await open(await write('float32'));
  expect([bare.ids, bare.images]).toEqual([undefined, 4]);
  expect(() => bare.row('a')).toThrow('there is no sidecar');
  expect((await bare.read([3])).length).toBe(6);
});

test.each([
  [[7, 36, 4], { images: 7, views: 1, regions: 36, dimension: 4 }],
  [[7, 5], { images: 7, views: 1, regions: 1, dimension: 5 }],
])('arrays of others are features: shape %j', async (shape, expected) => {
  const path = join(temporaryFolder(), 'test_ims.npy');
  const length = shape.reduce((product, size) => product * size, 1);
  await writeNpy(path, { dtype: 'float32', shape, data: Float32Array.from({ length }, (_, i) => i) });
  const file = await open(path);
  expect(file).toMatchObject(expected);
  expect((await file.read([6])).at(-1)).toBe(length - 1);
});

test('a file far larger than memory serves', async () => {
  const path = join(temporaryFolder(), 'sparse.npy');
  const shape = [2_000_000, 36, 2048];
  const writer = await NpyWriter.open(path, { dtype: 'float16', shape });
  await writer.writeRows(1_999_999, new Float32Array(36 * 2048).fill(2));
  await writer.finish();
  const file = await open(path);
  const found = await file.read([0, 1_999_999]);
  expect([found[0], found[36 * 2048], found.at(-1)]).toEqual([0, 2, 2]);
});

test('what is not there is refused with a code', async () => {
  const file = await open(await write('float32', ['a', 'b', 'c', 'd']));
  for (const row of [-1, 4, 0.5, Number.NaN]) expect(await codeOf(file.read([row]))).toBe('DIPTYCH_NPY_ROWS');
  for (const view of [-1, 3, 0.5]) expect(await codeOf(file.read([0], undefined, view))).toBe('DIPTYCH_FEATURES_VIEW');
  expect(await codeOf(file.read([0, 1], undefined, [0]))).toBe('DIPTYCH_FEATURES_VIEW');
  expect(await codeOf(file.read([0, 1], new Float32Array(11)))).toBe('DIPTYCH_ARRAY_SHAPE');
  expect(await codeOf(file.readStored([0], new Uint16Array(6)))).toBe('DIPTYCH_ARRAY_SHAPE');
  writeFileSync(file.path, 'gone');
  expect(await codeOf(file.read([3]))).toBe('DIPTYCH_NPY_INVALID');
});

test('files that are no features, and sidecars that lie', async () => {
  const folder = temporaryFolder();
  const openAt = (path: string): Promise<unknown> => FeatureFile.open(path).then((file) => file.close());
  expect(await codeOf(openAt(join(folder, 'absent.npy')))).toBe('DIPTYCH_FILE_MISSING');
  const ints = join(folder, 'ints.npy');
  await writeNpy(ints, { dtype: 'int32', shape: [1, 2], data: new Int32Array(2) });
  expect(await codeOf(openAt(ints))).toBe('DIPTYCH_FEATURES_INVALID');
  for (const shape of [[4], [1, 1, 1, 2, 2], [4, 0]]) {
    const path = join(folder, 'shape.npy');
    const length = shape.reduce((product, size) => product * size, 1);
    await writeNpy(path, { dtype: 'float32', shape, data: new Float32Array(length) });
    expect(await codeOf(openAt(path)), `${shape}`).toBe('DIPTYCH_FEATURES_INVALID');
  }
  const path = await write('float32', ['a', 'b', 'c', 'd']);
  for (const lie of [
    sidecar(['a', 'b', 'c'], [4, 3, 2, 3]),
    sidecar(['a', 'b', 'c', 'd'], [4, 3, 3, 2]),
    sidecar(['a', 'b', 'c', 'a'], [4, 3, 2, 3]),
  ]) {
    await writeSidecar(path, lie);
    expect(await codeOf(openAt(path))).toBe('DIPTYCH_FEATURES_INVALID');
  }
});

test('fuzz: a damaged sidecar is refused with a code, or says the same as before', async () => {
  const path = await write('float32', ['a', 'b', 'c', 'd']);
  const whole = JSON.stringify(sidecar(['a', 'b', 'c', 'd'], [4, 3, 2, 3]));
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(3), fc.string({ maxLength: 3 }), async (place, cut, text) => {
      writeFileSync(sidecarPath(path), whole.slice(0, place) + text + whole.slice(place + cut));
      const end = await FeatureFile.open(path).then(
        async (file) => {
          await file.close();
          return file.ids?.length === 4 && file.images === 4;
        },
        (error) => isDiptychError(error),
      );
      expect(end).toBe(true);
    }),
    { numRuns: 200 },
  );
});
