/** @file The first part of ViT and of CLIP's image encoder: pixels standardised, cut into patches, behind a class token. */
import type { Preprocessing } from '../../data/images/preprocessing.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { dropout } from '../../nn/dropout.ts';
import { type ClassPatchEmbedding, patchEmbedding } from '../../nn/patches.ts';
import { fullRagged, type Ragged } from '../../nn/ragged.ts';
import type { ImageInput } from './encoder.ts';
import type { LayerDropout } from './layers.ts';
import type { WeightRow } from './weights.ts';

/** In pixels; `width` is the length of a row. */
export interface Patches {
  readonly size: number;
  readonly patch: number;
  readonly width: number;
}

/** A tensor of the file, in the shape it has there. */
interface Stored {
  readonly name: string;
  readonly stored: readonly number[];
}

/** Patches of a picture, and the class token. */
export function tokensOf({ size, patch }: Patches): number {
  return (size / patch) ** 2 + 1;
}

/** Rows of a patch embedding, under `embeddings`. The file has the projection as a convolution, with or without a bias. */
export function patchRows(
  patches: Patches,
  names: { weight: string; bias?: string; classToken: Stored; positions: Stored },
): WeightRow[] {
  const { patch, width } = patches;
  const { weight, bias, classToken, positions } = names;
  const row = (path: string, shape: number[], name: string, stored: readonly number[] = shape) => ({
    path: `embeddings.${path}`,
    shape,
    from: [name],
    stored,
  });
  return [
    row('projection.weight', [width, 3 * patch ** 2], weight, [width, 3, patch, patch]),
    ...(bias === undefined ? [] : [row('projection.bias', [width], bias)]),
    row('classToken', [1, width], classToken.name, classToken.stored),
    row('positions', [tokensOf(patches), width], positions.name, positions.stored),
  ];
}

/** Rows [images * tokens, width] from pixels. */
export function embedPatches(
  params: ClassPatchEmbedding<Tensor>,
  { pixels, standardised }: ImageInput,
  patch: number,
  { rescale, mean, std }: Preprocessing,
  drop: LayerDropout | undefined,
): Ragged {
  const scaled = (values: readonly number[]) => values.map((value) => value / rescale);
  const normalise = { mean: scaled(mean), deviation: scaled(std) };
  const x = patchEmbedding(params, pixels, standardised ? { patch } : { patch, normalise });
  return fullRagged(dropout(x, drop && { rate: drop.hidden, key: drop.key }, 'image.embeddings'));
}
