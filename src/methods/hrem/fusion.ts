/** @file Interaction, variant Fusion: images and captions of a batch as one sequence through Transformer layers. */
import { multiply, where } from '../../graph/ops/elementwise.ts';
import { l2Normalize, maskedLogit } from '../../graph/ops/reduce.ts';
import { concat, split } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Dropout } from '../../nn/dropout.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { fullLayout } from '../../nn/ragged.ts';
import { type TransformerLayer, transformerLayer, transformerLayerParameters } from '../../nn/transformer.ts';
import { assembled, type Embeddings, type Relations } from './relations.ts';

export interface LayerOptions {
  /** L. */
  readonly layers: number;
  readonly heads: number;
  /** Width between the two linear maps of a layer. */
  readonly hidden: number;
  /** Dropout inside the layers. */
  readonly dropout: number;
  /** λ_E, factor on the edge weights in attention. */
  readonly edgeScale: number;
}

/** One Transformer layer for each number. */
export type Fusion<L> = { readonly [layer: string]: TransformerLayer<L> };

export function fusionParameters(dimension: number, { layers, hidden }: LayerOptions): Fusion<ParameterSpec> {
  return Object.fromEntries(
    Array.from({ length: layers }, (_, i) => [`${i}`, transformerLayerParameters(dimension, hidden)]),
  );
}

/**
 *     X = [V; U], one sequence of 2 B instances; L post-norm layers with
 *     Att = softmax( Q Kᵀ / sqrt(d_k) + λ_E E ), restricted to A, the same for every head
 *
 * @returns V̄, Ū of unit length
 */
export function fuse(
  params: Fusion<Tensor>,
  { images, texts }: Embeddings,
  { linked, weights }: Relations,
  { layers, heads, edgeScale }: LayerOptions,
  drop: Dropout | undefined,
): Embeddings {
  const pairs = images.shape[0] as number;
  const bias = where(assembled(linked), multiply(assembled(weights), edgeScale), maskedLogit);
  let x = { rows: concat([images, texts], 0), layout: fullLayout(1, 2 * pairs) };
  for (let i = 0; i < layers; i++) {
    const options = { heads, activation: 'relu', norm: 'post', dropout: drop, stream: `hrem.fusion.${i}` } as const;
    x = { ...x, rows: transformerLayer(params[i], x, options, [bias]).rows };
  }
  const [v, u] = split(l2Normalize(x.rows), 0, [pairs, pairs]);
  return { images: v, texts: u };
}
