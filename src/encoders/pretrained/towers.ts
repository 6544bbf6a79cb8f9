/** @file Pretrained encoders as towers: hidden states, then a head, in the frame of what the encoder reads. */
import { DiptychError } from '../../errors/error.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import { dropout } from '../../nn/dropout.ts';
import { overPixels, overTokens, type TokenFrame } from '../frames.ts';
import { dropOf, type Encoded, type Mode, type Tower } from '../tower.ts';
import type { PretrainedEncoder, PretrainedImageEncoder, PretrainedTextEncoder } from './encoder.ts';
import { type HeadedParameters, type HeadOptions, headOf } from './head.ts';

export interface PretrainedTowerOptions extends HeadOptions {
  /** Share of the pooled vector dropped in training; 0 unless given. */
  readonly dropout?: number;
  /** Shares dropped in the pretrained layers in training; those of the model unless given. */
  readonly layerDropout?: { readonly hidden: number; readonly attention: number } | undefined;
}

export interface PretrainedTextOptions extends PretrainedTowerOptions, Pick<TokenFrame, 'widths'> {
  /** Number of ids of the tokenizer. */
  readonly vocabulary: number;
  /** Most tokens of a text, ever. */
  readonly longest: number;
}

/**
 * The text tower of a pretrained encoder. Inputs are token ids as packed rows, text by text.
 *
 * @throws DIPTYCH_PRETRAINED_LENGTH, DIPTYCH_PRETRAINED_VOCABULARY, DIPTYCH_PRETRAINED_DIMENSION, DIPTYCH_PRETRAINED_POOLING
 */
export function pretrainedTextTower(encoder: PretrainedTextEncoder, options: PretrainedTextOptions): Tower {
  checkTexts(encoder, options);
  return overTokens({ ...headed(encoder, options, 'text'), widths: options.widths, order: 'sequence' });
}

/**
 * The image tower of a pretrained encoder. Inputs are bytes [images, 3, size, size], resized and cropped as the encoder's
 * `preprocessing` says; the tower rescales and standardises them.
 *
 * @throws DIPTYCH_PRETRAINED_DIMENSION, DIPTYCH_PRETRAINED_POOLING
 */
export function pretrainedImageTower(encoder: PretrainedImageEncoder, options: PretrainedTowerOptions): Tower {
  const { parameters, encode } = headed(encoder, options, 'image');
  return overPixels({
    parameters,
    size: encoder.size,
    encode: (params, pixels, mode) => encode(params, { pixels, standardised: false }, mode),
  });
}

function checkTexts({ folder, positions, vocabulary }: PretrainedTextEncoder, options: PretrainedTextOptions): void {
  const { longest, vocabulary: ids } = options;
  if (longest > positions) throw new DiptychError('DIPTYCH_PRETRAINED_LENGTH', { folder, longest, positions });
  if (ids > vocabulary) throw new DiptychError('DIPTYCH_PRETRAINED_VOCABULARY', { folder, ids, vocabulary });
}

/** An encoder with its head: what is the same on both sides. */
function headed<Input>(encoder: PretrainedEncoder<Input>, options: PretrainedTowerOptions, side: 'image' | 'text') {
  const head = headOf(encoder, options);
  const { dropout: rate = 0, layerDropout = encoder.dropout } = options;
  function encode(given: Tree<Tensor>, input: Input, mode: Mode): Encoded {
    const params = given as HeadedParameters<Tensor>;
    const drop = dropOf(mode, rate);
    const hidden = encoder.hidden(params.encoder, input, drop && { key: drop.key, ...layerDropout });
    const { pooled, fragments } = head.apply(params, hidden);
    return { pooled: dropout(pooled, drop, `${side}.pooled`), fragments, buffers: {} };
  }
  return { parameters: head.parameters, encode };
}
