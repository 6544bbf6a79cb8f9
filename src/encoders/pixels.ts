/** @file The image tower over pixels: patches through pre-norm Transformer layers, trainable from scratch. */
import type { Tensor } from '../graph/tensor.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { type PatchEmbedding, patchEmbedding, patchEmbeddingParameters } from '../nn/patches.ts';
import { type Pooling, type PoolingParameters, pool, poolingParameters } from '../nn/pooling/pooling.ts';
import { fullRagged } from '../nn/ragged.ts';
import { overPixels, type PixelFrame } from './frames.ts';
import { encodeStack, type Stack, type StackOptions, stackParameters } from './stack.ts';
import { dropOf, type Tower } from './tower.ts';

export interface PixelOptions extends StackOptions, Pick<PixelFrame, 'size'> {
  /** Side of one patch in pixels; divides the size. */
  readonly patch: number;
  readonly pooling: Pooling;
  /** Inside the layers, in training. */
  readonly dropout: number;
}

/** Mid-grey and half the range: bytes to about -1 … 1. */
const normalise = { mean: [127.5, 127.5, 127.5], deviation: [127.5, 127.5, 127.5] };

type Parameters<L> = Stack<L> & { readonly patches: PatchEmbedding<L>; readonly pooling: PoolingParameters<L> };

/** The image tower over pixels. */
export function pixelTower(options: PixelOptions): Tower {
  const { size, patch, pooling } = options;
  const parameters: Parameters<ParameterSpec> = {
    patches: patchEmbeddingParameters(options),
    ...stackParameters(options),
    pooling: poolingParameters(pooling),
  };
  return overPixels({
    parameters,
    size,
    encode: (params, pixels, mode) => {
      const { patches, pooling: weights, ...stack } = params as Parameters<Tensor>;
      const x = fullRagged(patchEmbedding(patches, pixels, { patch, normalise }));
      const fragments = encodeStack(stack, x, options, dropOf(mode, options.dropout), 'image');
      return { pooled: pool(pooling, weights, fragments), fragments, buffers: {} };
    },
  });
}
