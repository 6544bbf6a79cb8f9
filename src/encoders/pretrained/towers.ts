/** @file Pretrained encoders as towers: the inputs of a batch, the training form and the exported form. */
import { DiptychError } from '../../errors/error.ts';
import type { Dim } from '../../graph/dims.ts';
import { refine } from '../../graph/ops/shape.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import { dropout } from '../../nn/dropout.ts';
import { layoutFrom, paddedLayout, type RaggedInputs, raggedSpecs, rowsOf } from '../../nn/ragged.ts';
import type { Encoded, Mode, Tower } from '../tower.ts';
import type { PretrainedEncoder, PretrainedImageEncoder, PretrainedTextEncoder } from './encoder.ts';
import { type HeadedParameters, type HeadOptions, headOf } from './head.ts';

export interface PretrainedTowerOptions extends HeadOptions {
  /** Share of the pooled vector dropped in training; 0 unless given. */
  readonly dropout?: number;
  /** Shares dropped in the pretrained layers in training; those of the model unless given. */
  readonly layerDropout?: { readonly hidden: number; readonly attention: number } | undefined;
}

export interface PretrainedTextOptions extends PretrainedTowerOptions {
  /** Number of ids of the tokenizer. */
  readonly vocabulary: number;
  /** Most tokens of a text, ever. */
  readonly longest: number;
  /** Widths of the groups that texts are padded to; the widest holds the longest text that comes. */
  readonly widths: readonly number[];
}

type TextInputs<L> = { readonly ids: L; readonly layout: RaggedInputs<L> };
type PaddedTexts<L> = { readonly ids: L; readonly lengths: L };
type Pixels<L> = { readonly pixels: L };

/**
 * The text tower of a pretrained encoder. Inputs are token ids as packed rows, sequence by sequence.
 *
 * @throws DIPTYCH_PRETRAINED_LENGTH, DIPTYCH_PRETRAINED_VOCABULARY, DIPTYCH_PRETRAINED_DIMENSION, DIPTYCH_PRETRAINED_POOLING
 */
export function pretrainedTextTower(encoder: PretrainedTextEncoder, options: PretrainedTextOptions): Tower {
  checkTexts(encoder, options);
  const { parameters, encode } = towerOf(encoder, options, 'text');
  return {
    parameters,
    buffers: {},
    inputs: (name): TextInputs<Spec> => ({
      ids: { shape: [rowsOf(name)], dtype: 'int32' },
      layout: raggedSpecs(name, options.widths, 'sequence'),
    }),
    encode: (params, _, batch, count, mode) => {
      const { ids, layout } = batch as TextInputs<Tensor>;
      const input = { ids: { rows: ids, layout: layoutFrom(layout, count) }, position: layout.position };
      return encode(params as HeadedParameters<Tensor>, input, mode);
    },
    exported: {
      inputs: {
        ids: { shape: ['texts', 'tokens'], dtype: 'int32' },
        lengths: { shape: ['texts'], dtype: 'int32' },
      },
      encode: (params, _, batch) => {
        const { ids, lengths } = batch as PaddedTexts<Tensor>;
        const { ragged, position } = paddedLayout(ids, lengths);
        return encode(params as HeadedParameters<Tensor>, { ids: ragged, position }, { training: false });
      },
    },
  };
}

/**
 * The image tower of a pretrained encoder. Inputs are bytes [images, 3, size, size], resized and cropped as the encoder's
 * `preprocessing` says; the tower rescales and standardises them.
 *
 * @throws DIPTYCH_PRETRAINED_DIMENSION, DIPTYCH_PRETRAINED_POOLING
 */
export function pretrainedImageTower(encoder: PretrainedImageEncoder, options: PretrainedTowerOptions): Tower {
  const { size } = encoder;
  const { parameters, encode } = towerOf(encoder, options, 'image');
  const inputs = (images: Dim, dtype: 'uint8' | 'float32'): Pixels<Spec> => ({
    pixels: { shape: [images, 3, size, size], dtype },
  });
  const inputOf = ({ pixels }: Pixels<Tensor>) => ({ pixels, standardised: false });
  return {
    parameters,
    buffers: {},
    inputs: (name) => inputs(name, 'uint8'),
    encode: (params, _, batch, count, mode) => {
      const { pixels } = batch as Pixels<Tensor>;
      const counted = refine(pixels, [count ?? pixels.shape[0], 3, size, size]);
      return encode(params as HeadedParameters<Tensor>, inputOf({ pixels: counted }), mode);
    },
    exported: {
      inputs: inputs('images', 'float32'),
      encode: (params, _, batch) =>
        encode(params as HeadedParameters<Tensor>, inputOf(batch as Pixels<Tensor>), { training: false }),
    },
  };
}

function checkTexts({ folder, positions, vocabulary }: PretrainedTextEncoder, options: PretrainedTextOptions): void {
  const { longest, vocabulary: ids } = options;
  if (longest > positions) throw new DiptychError('DIPTYCH_PRETRAINED_LENGTH', { folder, longest, positions });
  if (ids > vocabulary) throw new DiptychError('DIPTYCH_PRETRAINED_VOCABULARY', { folder, ids, vocabulary });
}

/** What is the same on both sides. */
function towerOf<Input>(encoder: PretrainedEncoder<Input>, options: PretrainedTowerOptions, side: 'image' | 'text') {
  const head = headOf(encoder, options);
  const { dropout: pooledRate = 0, layerDropout = encoder.dropout } = options;
  function encode(params: HeadedParameters<Tensor>, input: Input, { training, key }: Mode): Encoded {
    const dropsBy = training ? key : undefined;
    const hidden = encoder.hidden(params.encoder, input, dropsBy && { key: dropsBy, ...layerDropout });
    const { pooled, fragments } = head.apply(params, hidden);
    const drop = dropsBy && { rate: pooledRate, key: dropsBy };
    return { pooled: dropout(pooled, drop, `${side}.pooled`), fragments, buffers: {} };
  }
  return { parameters: head.parameters, encode };
}
