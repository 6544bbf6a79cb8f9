/** @file The interaction layers: embeddings of a batch read each other along the graph. Training only. */
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import type { Dropout } from '../../nn/dropout.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { fuse, fusionParameters, type LayerOptions } from './fusion.ts';
import type { Embeddings, Relations } from './relations.ts';
import { type StandaloneOptions, standalone, standaloneParameters } from './standalone.ts';

export interface InteractionOptions extends LayerOptions, StandaloneOptions {
  /** All instances as one sequence (official code), or a branch for each modality (paper; details reconstructed). */
  readonly interaction: 'fusion' | 'standalone';
}

/** Parameters by layer. */
export function interactionParameters(dimension: number, options: InteractionOptions): Tree<ParameterSpec> {
  return options.interaction === 'fusion'
    ? fusionParameters(dimension, options)
    : standaloneParameters(dimension, options);
}

/**
 * V̄ and Ū, of unit length.
 *
 * @param params as `interactionParameters` describes them
 * @param embeddings V and U [B, d] of unit length
 * @param drop key of a training step; nothing is dropped without
 */
export function interact(
  params: Tree<Tensor>,
  embeddings: Embeddings,
  relations: Relations,
  options: InteractionOptions,
  key: Tensor | undefined,
): Embeddings {
  const drop: Dropout | undefined = key && { rate: options.dropout, key };
  return options.interaction === 'fusion'
    ? fuse(params as Parameters<typeof fuse>[0], embeddings, relations, options, drop)
    : standalone(params as Parameters<typeof standalone>[0], embeddings, relations, options, drop);
}
