/** @file What towers trained from scratch have in common: pre-norm Transformer layers, a last norm, and the map into the shared space. */
import type { Tensor } from '../graph/tensor.ts';
import type { Dropout } from '../nn/dropout.ts';
import { type Linear, linear, linearParameters } from '../nn/linear.ts';
import { layerNorm, type Norm, normParameters } from '../nn/norm.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import type { Ragged } from '../nn/ragged.ts';
import { type TransformerLayer, transformerLayer, transformerLayerParameters } from '../nn/transformer.ts';

export interface StackOptions {
  /** Width between the layers. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Length of the vectors in the shared space. */
  readonly dimension: number;
}

export type Stack<L> = {
  readonly layers: { readonly [index: string]: TransformerLayer<L> };
  readonly norm: Norm<L>;
  readonly projection: Linear<L>;
};

export function stackParameters({ width, layers, dimension }: Omit<StackOptions, 'heads'>): Stack<ParameterSpec> {
  return {
    layers: Object.fromEntries(
      Array.from({ length: layers }, (_, i) => [`${i}`, transformerLayerParameters(width, 4 * width)]),
    ),
    norm: normParameters(width),
    projection: linearParameters(width, dimension),
  };
}

/**
 * @param x rows [N, width]
 * @param drop inside the layers
 * @param stream prefix of the random streams
 * @returns rows [N, dimension] in the same layout
 */
export function encodeStack(
  params: Stack<Tensor>,
  x: Ragged,
  { layers, heads }: Pick<StackOptions, 'layers' | 'heads'>,
  drop: Dropout | undefined,
  stream: string,
): Ragged {
  let deep = x;
  for (let i = 0; i < layers; i++) {
    deep = transformerLayer(params.layers[i], deep, {
      heads,
      activation: 'gelu',
      norm: 'pre',
      dropout: drop,
      stream: `${stream}.${i}`,
    });
  }
  return { rows: linear(params.projection, layerNorm(params.norm, deep.rows)), layout: x.layout };
}
