/** @file Mean and deviation of stored vectors over the training data, by which heads standardise. */
import { setImmediate } from 'node:timers/promises';
import { fromFloat16 } from '../../../files/float16.ts';
import type { TensorData } from '../../../graph/values.ts';
import type { VectorTable } from '../../batches/vectors.ts';

/** Rows between two looks at what else is to be done. */
const PIECE = 256;
/** Added to each deviation, as a share of their mean: what never varies in training must not explode later. */
const FLOOR = 1e-3;

/**
 * Statistics of the plain views of some rows, as tensors [width] by name.
 *
 *     mean = Σ x / n        deviation = sqrt(Σ (x - mean)² / n) + FLOOR · (mean of all deviations)
 */
export async function statisticsOf(
  { data, views, width }: VectorTable,
  rows: Int32Array,
): Promise<{ readonly mean: TensorData; readonly deviation: TensorData }> {
  const rowOf = (row: number): Float32Array => {
    const plain = data.subarray(row * views * width, row * views * width + width);
    return plain instanceof Uint16Array ? fromFloat16(plain) : plain;
  };
  const mean = await average(rows, width, (row, into) => {
    const x = rowOf(row);
    for (let i = 0; i < width; i++) into[i] += x[i];
  });
  const variance = await average(rows, width, (row, into) => {
    const x = rowOf(row);
    for (let i = 0; i < width; i++) into[i] += (x[i] - mean[i]) ** 2;
  });
  const deviation = variance.map(Math.sqrt);
  // Where nothing varies at all, as over a single row, vectors are left at their scale.
  const floor = FLOOR * (deviation.reduce((sum, one) => sum + one, 0) / width) || 1;
  const tensor = (numbers: Float64Array): TensorData => ({
    dtype: 'float32',
    shape: [width],
    data: Float32Array.from(numbers),
  });
  return { mean: tensor(mean), deviation: tensor(deviation.map((one) => one + floor)) };
}

async function average(
  rows: Int32Array,
  width: number,
  addRow: (row: number, into: Float64Array) => void,
): Promise<Float64Array> {
  const sum = new Float64Array(width);
  for (let start = 0; start < rows.length; start += PIECE) {
    for (const row of rows.subarray(start, start + PIECE)) addRow(row, sum);
    await setImmediate();
  }
  return sum.map((one) => one / rows.length);
}
