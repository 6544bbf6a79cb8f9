/** @file What a run will need in memory, from its shapes. */
import type { Spec } from '../../graph/tensor.ts';
import { countOf } from '../../graph/values.ts';
import type { MemoryNeeds } from '../memory.ts';
import type { ModelFacts } from './model.ts';

/** Tensors of a region or a word that live from the forward to the backward pass, in units of the embedding. */
const keptPerRow = 12;

/**
 * @param state leaves of the state
 * @param dimension of the embedding
 */
export function memoryNeeds(
  state: readonly (readonly [string, Spec])[],
  { batchSize, prefetch }: { batchSize: number; prefetch: number },
  { features, longest }: ModelFacts,
  dimension: number,
): MemoryNeeds {
  const regions = features?.regions ?? 64;
  const width = features?.width ?? dimension;
  const batch = batchSize * regions * width * (features?.dtype === 'float16' ? 2 : 4);
  return {
    state: state.reduce((bytes, [, { shape }]) => bytes + 4 * countOf(shape as number[]), 0),
    batch,
    activations: 4 * batchSize * (regions * (width + keptPerRow * dimension) + longest * keptPerRow * dimension),
    batchSize,
    prefetch,
  };
}
