/** @file Dropout as an exact function of (key, stream, position). */
import { greaterOrEqual, multiply, where } from '../graph/ops/elementwise.ts';
import { uniform } from '../graph/ops/leaves.ts';
import type { Tensor } from '../graph/tensor.ts';

/** What a training step drops. Layers drop nothing where it is absent. */
export interface Dropout {
  /** Share of the elements set to zero, in [0, 1). */
  readonly rate: number;
  /** int32 scalar, another at each step: a function of seed and step. */
  readonly key: Tensor;
}

/**
 * Zero with probability `rate`, else x / (1 - rate).
 *
 * @param stream name of the place in the model: different places drop independently
 */
export function dropout(x: Tensor, drop: Dropout | undefined, stream: string): Tensor {
  if (drop === undefined || drop.rate === 0) return x;
  const kept = greaterOrEqual(uniform(drop.key, stream, x.shape), drop.rate);
  // The factors are a tensor of their own, so that the gradient is one more product with it.
  return multiply(x, where(kept, 1 / (1 - drop.rate), 0));
}
