/** @file Frames of towers by what they read, token ids or pixels: inputs in training, inputs when exported, and the way from both to one function. */
import type { Dim } from '../graph/dims.ts';
import { refine } from '../graph/ops/shape.ts';
import type { Spec, Tensor } from '../graph/tensor.ts';
import type { Tree } from '../graph/tree.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import {
  layoutFrom,
  paddedLayout,
  type Ragged,
  type RaggedInputs,
  type Recurrence,
  type RecurrentInputs,
  raggedSpecs,
  rowsOf,
} from '../nn/ragged.ts';
import type { Encoded, Mode, Tower } from './tower.ts';

/** What a tower without buffers is, whichever form its input had. */
interface Inside<Input> {
  readonly parameters: Tree<ParameterSpec>;
  encode(parameters: Tree<Tensor>, input: Input, mode: Mode): Encoded;
}

/** The texts of a batch, packed or padded. */
export interface Tokens {
  /** Rows int32 [N]. */
  readonly ids: Ragged;
  /** int32 [N]: place of each row in its text. */
  readonly position: Tensor;
  /** Of packed rows in time order; others have none. */
  readonly recurrence?: Recurrence | undefined;
}

export interface TokenFrame extends Inside<Tokens> {
  /** Widths of the groups that texts are padded to; the widest holds the longest text that comes. */
  readonly widths: readonly number[];
  /** How rows are packed: text by text, or all first tokens, then all second ones. */
  readonly order: 'sequence' | 'time';
}

type TokenInputs<L> = { readonly ids: L; readonly layout: RaggedInputs<L> | RecurrentInputs<L> };
type PaddedInputs<L> = { readonly ids: L; readonly lengths: L };

/** A tower over token ids: groups of texts in training, plain padded ids [texts, tokens] when exported. */
export function overTokens({ parameters, widths, order, encode }: TokenFrame): Tower {
  return {
    parameters,
    buffers: {},
    inputs: (name): TokenInputs<Spec> => ({
      ids: { shape: [rowsOf(name)], dtype: 'int32' },
      layout: order === 'time' ? raggedSpecs(name, widths, 'time') : raggedSpecs(name, widths, 'sequence'),
    }),
    encode: (params, _, batch, count, mode) => {
      const { ids, layout } = batch as TokenInputs<Tensor>;
      const recurrence = 'counts' in layout ? layout : undefined;
      const packed = { rows: ids, layout: layoutFrom(layout, count) };
      return encode(params, { ids: packed, position: layout.position, recurrence }, mode);
    },
    exported: {
      inputs: {
        ids: { shape: ['texts', 'tokens'], dtype: 'int32' },
        lengths: { shape: ['texts'], dtype: 'int32' },
      },
      encode: (params, _, batch) => {
        const { ids, lengths } = batch as PaddedInputs<Tensor>;
        const { ragged, position } = paddedLayout(ids, lengths);
        return encode(params, { ids: ragged, position }, { training: false });
      },
    },
  };
}

export interface PixelFrame extends Inside<Tensor> {
  /** Side of the square picture in pixels. */
  readonly size: number;
}

/** A tower over pixels [images, 3, size, size] from 0 to 255: bytes in training, float32 when exported. */
export function overPixels({ parameters, size, encode }: PixelFrame): Tower {
  const shape = (images: Dim) => [images, 3, size, size];
  return {
    parameters,
    buffers: {},
    inputs: (name) => ({ pixels: { shape: shape(name), dtype: 'uint8' } }),
    encode: (params, _, batch, count, mode) => {
      const pixels = batch.pixels as Tensor;
      return encode(params, refine(pixels, shape(count ?? pixels.shape[0])), mode);
    },
    exported: {
      inputs: { pixels: { shape: shape('images'), dtype: 'float32' } },
      encode: (params, _, batch) => encode(params, batch.pixels as Tensor, { training: false }),
    },
  };
}
