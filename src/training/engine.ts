/** @file The seam between the loop and whatever computes a step: named tensors in, metrics out, state on demand. */
import type { TensorData } from '../graph/values.ts';

/** Tensors by dotted path, such as `params.image.projection.weight` or `moments.first.image.projection.weight`. */
export type NamedTensors = ReadonlyMap<string, TensorData>;

/** Computes training steps. Its whole state is in `snapshot`, so that restoring it continues bit for bit. */
export interface Engine {
  /**
   * One step: `(state, feeds) -> (state, metrics)`.
   *
   * @param feeds the batch, with `learningRate` (float32), `step` (int32, from 0) and `stageStarts` (int32, first steps of all
   *   stages) added by the loop; their memory is handed over
   */
  step(feeds: NamedTensors): Promise<Record<string, number>>;
  /** A copy of the state: parameters, moments, averages, queues … */
  snapshot(): Promise<NamedTensors>;
  /** Replaces the state by one that `snapshot` gave. */
  restore(state: NamedTensors): Promise<void>;
  close(): Promise<void>;
}

/** A tensor of one number. */
export function scalar(dtype: 'float32' | 'int32', value: number): TensorData {
  return { dtype, shape: [], data: dtype === 'float32' ? Float32Array.of(value) : Int32Array.of(value) };
}
