/** @file Normalisation as one operator. */
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';

/** (x - mean) / sqrt(variance + epsilon) * scale + shift along the last axis. */
export function layerNorm(x: Tensor, scale: Tensor, shift: Tensor, epsilon = 1e-5): Tensor {
  return apply('layerNorm', [x, scale, shift], { epsilon })[0];
}
