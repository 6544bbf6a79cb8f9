/** @file What a pretrained encoder is, whatever its family: weights as parameters, and hidden states of a sequence from its input. */
import type { Preprocessing } from '../../data/images/preprocessing.ts';
import { tanh } from '../../graph/ops/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import { type Linear, linear } from '../../nn/linear.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import type { Ragged } from '../../nn/ragged.ts';
import type { Tokens } from '../frames.ts';
import type { LayerDropout } from './layers.ts';
import type { SequencePooling } from './pooling.ts';
import { linearRows, type WeightRow } from './weights.ts';

/** One side of a pretrained model. */
export interface PretrainedEncoder<Input> {
  /** Where it was read from; named in errors. */
  readonly folder: string;
  /** `embeddings`, `layers` by number, and what follows them. */
  readonly parameters: Tree<ParameterSpec>;
  /** Length of the hidden states. */
  readonly width: number;
  /** How the model itself makes one vector of a sequence, or is mostly used to. */
  readonly pooling: SequencePooling;
  /** Shares that its layers were trained to drop. */
  readonly dropout: Pick<LayerDropout, 'hidden' | 'attention'>;
  /** Rows [N, width] after the last layer. */
  hidden(params: Tree<Tensor>, input: Input, drop: LayerDropout | undefined): Ragged;
  /** What follows row by row, such as a last norm: [n, width] to [n, width]. */
  finish(params: Tree<Tensor>, rows: Tensor): Tensor;
  /** The map from finished rows to the space that both sides of the model share. */
  readonly projection: { readonly dimension: number; apply(params: Tree<Tensor>, rows: Tensor): Tensor } | undefined;
  /** What the model was trained to put on the first row. */
  readonly pooler: Pooler | undefined;
}

/** tanh(W x + b) of the finished first row. */
export interface Pooler {
  /** Under `pooler` in the tree of the encoder, if it is used. */
  readonly parameters: Linear<ParameterSpec>;
  apply(params: Tree<Tensor>, rows: Tensor): Tensor;
}

export interface PretrainedTextEncoder extends PretrainedEncoder<Tokens> {
  /** Number of ids. */
  readonly vocabulary: number;
  /** Most tokens of a text. */
  readonly positions: number;
}

/** Pixels [images, 3, size, size] from 0 to 255, or already standardised. */
export interface ImageInput {
  readonly pixels: Tensor;
  readonly standardised: boolean;
}

export interface PretrainedImageEncoder extends PretrainedEncoder<ImageInput> {
  /** Width and height of a picture in pixels. */
  readonly size: number;
  /** Patches and the class token. */
  readonly tokens: number;
  /** How pictures become pixels. The tower does the rescaling and standardising itself, from bytes. */
  readonly preprocessing: Preprocessing;
}

/** The pooler that a file may hold. */
export function poolerRows(width: number): WeightRow[] {
  return linearRows('pooler', ['pooler.dense'], [width, width]);
}

/** @param optional parameters by `poolerRows`, where the file holds them */
export function poolerOf(optional: Tree<ParameterSpec> | undefined): Pooler | undefined {
  if (optional === undefined) return undefined;
  return {
    parameters: optional.pooler as Linear<ParameterSpec>,
    apply: (params, rows) => tanh(linear(params.pooler as Linear<Tensor>, rows)),
  };
}
