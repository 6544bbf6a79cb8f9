/** @file A backbone small enough to compute by hand: one strided convolution over 8 x 8 pixels, and what is made of it. */
import { writeFileSync } from 'node:fs';
import { type Preprocessing, preprocessingSchema } from '../../../data/images/preprocessing.ts';
import { bytesOf } from '../../../files/bytes.ts';
import { encodeModel } from '../../../graph/onnx/model.ts';

export const DIMENSION = 6;
/** Two by two. */
export const REGIONS = 4;
const PATCH = 4;

/** Weight of pixel (row, column) of colour c in feature d. */
function weight(d: number, c: number, row: number, column: number): number {
  return Math.fround(Math.sin(1 + d * 48 + c * 16 + row * 4 + column));
}

/**
 * Writes the model. Its outputs: `map` [N, 6, 2, 2], `regions` [N, 4, 6], `pooled` [N, 6].
 *
 * @param scale factor on the weights
 */
export function writeTinyBackbone(path: string, scale = 1): void {
  const weights = new Float32Array(DIMENSION * 3 * PATCH * PATCH);
  let i = 0;
  for (let d = 0; d < DIMENSION; d++) {
    for (let c = 0; c < 3; c++) {
      for (let p = 0; p < PATCH * PATCH; p++) weights[i++] = scale * weight(d, c, p >> 2, p & 3);
    }
  }
  const shape = new BigInt64Array([0n, BigInt(DIMENSION), -1n]);
  const model = encodeModel({
    name: 'tiny',
    nodes: [
      { op: 'Conv', inputs: ['pixels', 'weights'], outputs: ['map'], attributes: { strides: [PATCH, PATCH] } },
      { op: 'Reshape', inputs: ['map', 'shape'], outputs: ['flat'] },
      { op: 'Transpose', inputs: ['flat'], outputs: ['regions'], attributes: { perm: [0, 2, 1] } },
      { op: 'ReduceMean', inputs: ['regions', 'axis'], outputs: ['pooled'], attributes: { keepdims: 0 } },
    ],
    inputs: [{ name: 'pixels', type: 'float32', dims: ['N', 3, 8, 8] }],
    outputs: [
      { name: 'map', type: 'float32', dims: ['N', DIMENSION, 2, 2] },
      { name: 'regions', type: 'float32', dims: ['N', REGIONS, DIMENSION] },
      { name: 'pooled', type: 'float32', dims: ['N', DIMENSION] },
    ],
    initializers: [
      { name: 'weights', type: 'float32', dims: [DIMENSION, 3, PATCH, PATCH], data: bytesOf(weights) },
      { name: 'shape', type: 'int64', dims: [3], data: bytesOf(shape) },
      { name: 'axis', type: 'int64', dims: [1], data: bytesOf(new BigInt64Array([1n])) },
    ],
  });
  writeFileSync(path, model);
}

/** What the model wants, giving `output`. */
export function tinyPreprocessing(output: 'map' | 'regions' | 'pooled' = 'regions'): Preprocessing {
  return preprocessingSchema.parse({
    resize: { width: 8, height: 8, filter: 'bilinear' },
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    output,
  });
}

/** `regions` of prepared pixels, by the definition. */
export function tinyRegions(pixels: Float32Array): Float64Array {
  const result = new Float64Array(REGIONS * DIMENSION);
  for (let region = 0; region < REGIONS; region++) {
    const [top, left] = [(region >> 1) * PATCH, (region & 1) * PATCH];
    for (let d = 0; d < DIMENSION; d++) {
      for (let c = 0; c < 3; c++) {
        for (let p = 0; p < PATCH * PATCH; p++) {
          const [row, column] = [p >> 2, p & 3];
          result[region * DIMENSION + d] += weight(d, c, row, column) * pixels[(c * 8 + top + row) * 8 + left + column];
        }
      }
    }
  }
  return result;
}
