/** @file A model after the backbone: vectors in place of features, from processes of a pool; models that do not fit. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { drawPictures } from '../../data/features/testing/pictures.ts';
import { plainView } from '../../data/images/preprocess.ts';
import { bytesOf } from '../../files/bytes.ts';
import { fromFloat16 } from '../../files/float16.ts';
import { encodeModel, type OnnxNode } from '../../graph/onnx/model.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import type { FeatureType } from './backbone.ts';
import { BackbonePool } from './pool.ts';
import { DIMENSION, REGIONS, tinyPreprocessing, writeTinyBackbone } from './testing/tiny.ts';

/** A head that sums over regions, or does what is given. */
function writeHead(path: string, nodes?: readonly OnnxNode[], width = DIMENSION): void {
  const sum: OnnxNode = { op: 'ReduceSum', inputs: ['features', 'axis'], outputs: ['v'], attributes: { keepdims: 0 } };
  const model = encodeModel({
    name: 'head',
    nodes: nodes ?? [sum],
    inputs: [{ name: 'features', type: 'float32', dims: ['images', REGIONS, width] }],
    outputs: [{ name: 'v', type: 'float32', dims: [null, null] }],
    initializers: [{ name: 'axis', type: 'int64', dims: [1], data: bytesOf(new BigInt64Array([1n])) }],
  });
  writeFileSync(path, model);
}

async function open(dtype: FeatureType, head?: string, output: 'regions' | 'map' = 'regions'): Promise<BackbonePool> {
  const model = join(temporaryFolder(), 'tiny.onnx');
  writeTinyBackbone(model);
  const file = { model, preprocessing: tinyPreprocessing(output) };
  const pool = await BackbonePool.open(file, { processes: 1, dtype, head });
  onTestFinished(() => pool.close());
  return pool;
}

test.each([
  ['float32', 'regions'],
  ['float16', 'regions'],
  ['float16', 'map'],
] as const)('vectors are made of the features as they would come (%s, %s)', async (dtype, output) => {
  const folder = temporaryFolder();
  const head = join(folder, 'head.onnx');
  writeHead(head);
  const pictures = (await drawPictures(folder, 3)).map(({ path }) => ({ source: path, views: [plainView] }));
  const [plain, headed] = [await open(dtype, undefined, output), await open(dtype, head, output)];
  expect(headed.shape).toEqual({ output: 'v', regions: 1, dimension: DIMENSION });
  const features = await plain.encode(pictures);
  const vectors = await headed.encode(pictures);
  features.forEach((one, i) => {
    const numbers = ('features' in one && one.features) as Float32Array | Uint16Array;
    const wide = numbers instanceof Uint16Array ? fromFloat16(numbers) : numbers;
    const sums = Float32Array.from({ length: DIMENSION }, (_, d) => {
      return Array.from({ length: REGIONS }, (_, r) => wide[r * DIMENSION + d]).reduce((sum, x) => sum + x, 0);
    });
    const vector = ('features' in vectors[i] && vectors[i].features) as Float32Array;
    for (let d = 0; d < DIMENSION; d++) expect(vector[d]).toBeCloseTo(sums[d], 5);
  });
});

test('more views than go through together give what each picture gives alone, also around one that is refused', async () => {
  const folder = temporaryFolder();
  const head = join(folder, 'head.onnx');
  writeHead(head);
  const views = [plainView, { ...plainView, mirrored: true }, { ...plainView, width: 0.5 }];
  const pictures = (await drawPictures(folder, 9)).map(({ path }) => ({ source: path, views }));
  writeFileSync(pictures[4].source, 'damaged');
  const pool = await open('float16', head);
  const together = await pool.encode(pictures);
  expect(together[4]).toMatchObject({ refused: expect.any(String) });
  for (const [i, picture] of pictures.entries()) {
    expect(await pool.encode([picture])).toEqual([together[i]]);
    if (i !== 4) expect('features' in together[i] && together[i].features).toHaveLength(3 * DIMENSION);
  }
});

test('features beyond half precision are refused before a head sees them', async () => {
  const folder = temporaryFolder();
  const [model, head] = ['large.onnx', 'head.onnx'].map((name) => join(folder, name));
  writeTinyBackbone(model, 1e6);
  writeHead(head);
  const file = { model, preprocessing: tinyPreprocessing('map') };
  const pool = await BackbonePool.open(file, { processes: 1, dtype: 'float16', head });
  onTestFinished(() => pool.close());
  const [{ path }] = await drawPictures(folder, 1);
  const results = await pool.encode([{ source: path, views: [plainView] }]);
  expect(results).toEqual([{ refused: 'its features are beyond float16' }]);
});

test('a head that does not fit the backbone, gives no vector, or is no model, is refused', async () => {
  const head = join(temporaryFolder(), 'head.onnx');
  writeHead(head, undefined, DIMENSION + 1);
  await expect(open('float32', head)).rejects.toMatchObject({ code: 'DIPTYCH_BACKBONE_SHAPE' });
  writeHead(head, [{ op: 'Identity', inputs: ['features'], outputs: ['v'] }]);
  await expect(open('float32', head)).rejects.toMatchObject({ code: 'DIPTYCH_BACKBONE_SHAPE' });
  writeFileSync(head, 'nothing');
  await expect(open('float32', head)).rejects.toMatchObject({ code: 'DIPTYCH_BACKBONE_UNLOADABLE' });
  await expect(open('float32', `${head}.gone`)).rejects.toMatchObject({ code: 'DIPTYCH_FILE_MISSING' });
});

test('a vector that is not finite is refused like features that are not', async () => {
  const folder = temporaryFolder();
  const head = join(folder, 'head.onnx');
  writeHead(head, [
    { op: 'Sub', inputs: ['features', 'features'], outputs: ['zero'] },
    { op: 'ReduceSum', inputs: ['zero', 'axis'], outputs: ['none'], attributes: { keepdims: 0 } },
    { op: 'Div', inputs: ['none', 'none'], outputs: ['v'] },
  ]);
  const pool = await open('float32', head);
  const [{ path }] = await drawPictures(folder, 1);
  const results = await pool.encode([{ source: path, views: [plainView] }]);
  expect(results).toEqual([{ refused: 'its vector is not finite' }]);
});
