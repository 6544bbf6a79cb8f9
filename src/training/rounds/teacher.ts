/** @file The batch entries of a teacher: what the model at the beginning of the round made of the pairs. */
import type { NamedTensors } from '../../graph/runtime/protocol.ts';
import type { TensorData } from '../../graph/values.ts';
import type { Teacher } from './file.ts';

/**
 * The entries `teacher.image`, `teacher.text` [pairs, dimension], `teacher.centre` and `teacher.present`; zeros without a teacher.
 *
 * @param images numbers, in the order of the batch's rows
 * @param captions numbers, in the same order
 * @param dimension of the vectors
 */
export function teacherFeeds(
  teacher: Teacher | undefined,
  images: Int32Array,
  captions: Int32Array,
  dimension: number,
): NamedTensors {
  const vectors = (rows: Float32Array | undefined, items: Int32Array): TensorData => {
    const data = new Float32Array(items.length * dimension);
    items.forEach((item, row) => {
      if (rows) data.set(rows.subarray(item * dimension, (item + 1) * dimension), row * dimension);
    });
    return { dtype: 'float32', shape: [items.length, dimension], data };
  };
  const number = (x: number): TensorData => ({ dtype: 'float32', shape: [], data: Float32Array.of(x) });
  return new Map([
    ['teacher.image', vectors(teacher?.images, images)],
    ['teacher.text', vectors(teacher?.captions, captions)],
    ['teacher.centre', number(teacher?.centre ?? 0)],
    ['teacher.present', number(teacher ? 1 : 0)],
  ]);
}
