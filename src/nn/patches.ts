/** @file Pictures as sequences of patches. */
import type { Dim } from '../graph/dims.ts';
import { add, cast, multiply } from '../graph/ops/elementwise.ts';
import { constant } from '../graph/ops/leaves.ts';
import { concat, expand, reshape, transpose } from '../graph/ops/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { normal } from './initialisers.ts';
import { type Linear, linear, linearParameters } from './linear.ts';
import { type ParameterSpec, parameter } from './parameters.ts';

/** `projection` [width, 3 patch²] (a convolution's weight [width, 3, patch, patch], flattened), `positions` [tokens, width]. */
export type PatchEmbedding<L> = { readonly projection: Linear<L>; readonly positions: L };
/** With a learnt vector [1, width] at the beginning of the sequence, such as CLIP's and ViT's. */
export type ClassPatchEmbedding<L> = PatchEmbedding<L> & { readonly classToken: L };

export interface PatchOptions {
  /** Width and height of a patch in pixels. */
  readonly patch: number;
  /** Subtracted from each channel and divided by, in units of the pixel values given (0 to 255 for bytes); none unless given. */
  readonly normalise?: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
}

/** Width and height of the picture in pixels are a multiple of those of a patch. */
interface PatchSizes {
  readonly size: number;
  readonly patch: number;
  readonly width: number;
}

export function patchEmbeddingParameters({ size, patch, width }: PatchSizes): PatchEmbedding<ParameterSpec> {
  return {
    projection: linearParameters(3 * patch ** 2, width),
    positions: parameter([(size / patch) ** 2, width], normal(0.02)),
  };
}

/**
 * Patches, left to right and top to bottom, projected and with their positions added.
 *
 * @param pixels [batch, 3, height, width], uint8 or float32
 * @returns [batch, tokens, width]
 */
export function patchEmbedding(
  params: PatchEmbedding<Tensor> | ClassPatchEmbedding<Tensor>,
  pixels: Tensor,
  options: PatchOptions,
): Tensor {
  const [batch, , height, width] = pixels.shape as readonly [Dim, number, number, number];
  const projected = linear(params.projection, standardised(patchRows(pixels, options.patch), options));
  const d = params.projection.weight.shape[0];
  const patches = reshape(projected, [batch, (height / options.patch) * (width / options.patch), d]);
  const sequence =
    'classToken' in params
      ? concat([expand(reshape(params.classToken, [1, 1, d]), [batch, 1, d]), patches], 1)
      : patches;
  return add(sequence, params.positions);
}

/** Pixels of each patch as a row [batch * patches, 3 patch²], channel by channel. Moved before they are cast: bytes are small. */
function patchRows(pixels: Tensor, patch: number): Tensor {
  const [batch, channels, height, width] = pixels.shape as readonly [Dim, number, number, number];
  const cut = reshape(pixels, [batch, channels, height / patch, patch, width / patch, patch]);
  return cast(reshape(transpose(cut, [0, 2, 4, 1, 3, 5]), [-1, channels * patch * patch]), 'float32');
}

function standardised(rows: Tensor, { normalise, patch }: PatchOptions): Tensor {
  if (!normalise) return rows;
  const perPixel = (values: readonly number[]) => constant(values.flatMap((x) => Array(patch * patch).fill(x)));
  const { mean, deviation } = normalise;
  const shift = mean.map((x, channel) => -x / deviation[channel]);
  return add(multiply(rows, perPixel(deviation.map((x) => 1 / x))), perPixel(shift));
}
