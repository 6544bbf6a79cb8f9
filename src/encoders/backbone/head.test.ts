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

async function open(dtype: FeatureType, head?: string): Promise<BackbonePool> {
  const model = join(temporaryFolder(), 'tiny.onnx');
  writeTinyBackbone(model);
  const file = { model, preprocessing: tinyPreprocessing('regions') };
  const pool = await BackbonePool.open(file, { processes: 1, dtype, head });
  onTestFinished(() => pool.close());
  return pool;
}

test.each(['float32', 'float16'] as const)(
  'vectors are made of the features as they would come (%s)',
  async (dtype) => {
    const folder = temporaryFolder();
    const head = join(folder, 'head.onnx');
    writeHead(head);
    const pictures = (await drawPictures(folder, 3)).map(({ path }) => ({ source: path, views: [plainView] }));
    const [plain, headed] = [await open(dtype), await open(dtype, head)];
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
  },
);

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
