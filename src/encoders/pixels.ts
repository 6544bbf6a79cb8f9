/** @file The image tower over pixels: patches through pre-norm Transformer layers, trainable from scratch. */
import type { Dim } from '../graph/dims.ts';
import { refine } from '../graph/ops/shape.ts';
import type { Spec, Tensor } from '../graph/tensor.ts';
import { type Linear, linear, linearParameters } from '../nn/linear.ts';
import { layerNorm, type Norm, normParameters } from '../nn/norm.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { type PatchEmbedding, patchEmbedding, patchEmbeddingParameters } from '../nn/patches.ts';
import { type Pooling, type PoolingParameters, pool, poolingParameters } from '../nn/pooling/pooling.ts';
import { fullRagged } from '../nn/ragged.ts';
import { type TransformerLayer, transformerLayer, transformerLayerParameters } from '../nn/transformer.ts';
import type { Encoded, Mode, Tower } from './tower.ts';

export interface PixelOptions {
  /** Side of the square picture in pixels, a multiple of the patch. */
  readonly size: number;
  readonly patch: number;
  /** Width between the layers. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly dimension: number;
  readonly pooling: Pooling;
  /** Inside the layers, in training. */
  readonly dropout: number;
}

/** Mid-grey and half the range: bytes to about -1 … 1. */
const normalise = { mean: [127.5, 127.5, 127.5], deviation: [127.5, 127.5, 127.5] };

type Parameters<L> = {
  readonly patches: PatchEmbedding<L>;
  readonly layers: { readonly [index: string]: TransformerLayer<L> };
  readonly norm: Norm<L>;
  readonly projection: Linear<L>;
  readonly pooling: PoolingParameters<L>;
};

/** The image tower over pixels. Inputs are bytes [images, 3, size, size]. */
export function pixelTower(options: PixelOptions): Tower {
  const { size, patch, width, layers, heads, dimension, pooling } = options;
  const parameters: Parameters<ParameterSpec> = {
    patches: patchEmbeddingParameters({ size, patch, width }),
    layers: Object.fromEntries(
      Array.from({ length: layers }, (_, i) => [`${i}`, transformerLayerParameters(width, 4 * width)]),
    ),
    norm: normParameters(width),
    projection: linearParameters(width, dimension),
    pooling: poolingParameters(pooling),
  };

  function encodePixels(params: Parameters<Tensor>, pixels: Tensor, { training, key }: Mode): Encoded {
    const drop = training && key ? { rate: options.dropout, key } : undefined;
    let x = fullRagged(patchEmbedding(params.patches, pixels, { patch, normalise }));
    for (let i = 0; i < layers; i++) {
      x = transformerLayer(params.layers[i], x, {
        heads,
        activation: 'gelu',
        norm: 'pre',
        dropout: drop,
        stream: `image.${i}`,
      });
    }
    const rows = linear(params.projection, layerNorm(params.norm, x.rows));
    const fragments = { rows, layout: x.layout };
    return { pooled: pool(pooling, params.pooling, fragments), fragments, buffers: {} };
  }

  const inputs = (images: Dim): { pixels: Spec } => ({ pixels: { shape: [images, 3, size, size], dtype: 'uint8' } });
  return {
    parameters,
    buffers: {},
    inputs: (name) => inputs(name),
    encode: (params, _, batch, count, mode) => {
      const pixels = batch.pixels as Tensor;
      const counted = count === undefined ? pixels : refine(pixels, [count, ...pixels.shape.slice(1)]);
      return encodePixels(params as Parameters<Tensor>, counted, mode);
    },
    exported: {
      inputs: { pixels: { shape: ['images', 3, size, size], dtype: 'float32' } },
      encode: (params, _, batch) =>
        encodePixels(params as Parameters<Tensor>, batch.pixels as Tensor, { training: false }),
    },
  };
}
