/** @file Text towers over word ids: a bidirectional GRU, or Transformer layers. */
import { add } from '../graph/ops/elementwise.ts';
import { gather } from '../graph/ops/indexing.ts';
import type { Spec, Tensor } from '../graph/tensor.ts';
import type { Tree } from '../graph/tree.ts';
import { type Dropout, dropout } from '../nn/dropout.ts';
import { type BiGru, biGru, biGruPadded, biGruParameters } from '../nn/gru.ts';
import { normal } from '../nn/initialisers.ts';
import { type Embedding, embedding, embeddingParameters, type Linear, linear, linearParameters } from '../nn/linear.ts';
import { layerNorm, type Norm, normParameters } from '../nn/norm.ts';
import { type ParameterSpec, parameter } from '../nn/parameters.ts';
import { type Pooling, type PoolingParameters, pool, poolingParameters } from '../nn/pooling/pooling.ts';
import {
  layoutFrom,
  paddedLayout,
  padGroups,
  type Ragged,
  type RecurrentInputs,
  raggedSpecs,
  rowsOf,
  unpadGroups,
} from '../nn/ragged.ts';
import { type TransformerLayer, transformerLayer, transformerLayerParameters } from '../nn/transformer.ts';
import type { Encoded, Mode, Tower } from './tower.ts';

interface WordOptions {
  /** Number of ids. */
  readonly vocabulary: number;
  /** Widths of the groups that captions are padded to; the widest holds the longest caption that comes. */
  readonly widths: readonly number[];
  /** Most tokens of a caption, ever. */
  readonly longest: number;
  readonly dimension: number;
  readonly pooling: Pooling;
  readonly dropout: number;
}

export interface RecurrentOptions extends WordOptions {
  readonly wordDimension: number;
}

export interface TransformerTextOptions extends WordOptions {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

type Inputs<L> = { readonly ids: L; readonly layout: RecurrentInputs<L> };
type PaddedInputs<L> = { readonly ids: L; readonly lengths: L };

/** What differs between text towers: parameters, and words in the shared space from ids. */
interface Words {
  readonly parameters: Tree<ParameterSpec>;
  readonly order: 'time' | 'sequence';
  /** Rows in the shared space. `recurrence` is that of packed rows; padded rows have none. */
  encode(
    params: Tree<Tensor>,
    ids: Ragged,
    places: { position: Tensor; layout: RecurrentInputs<Tensor> | undefined },
    drop: Dropout | undefined,
  ): Tensor;
}

/** Word vectors through one bidirectional GRU, directions averaged (HREM and VSE-infinity, "BiGRU"). */
export function recurrentTower(options: RecurrentOptions): Tower {
  type Parameters<L> = { readonly words: Embedding<L>; readonly gru: BiGru<L> };
  const { vocabulary, wordDimension, dimension } = options;
  return textTower(options, {
    parameters: {
      words: embeddingParameters(vocabulary, wordDimension),
      gru: biGruParameters(wordDimension, dimension),
    },
    order: 'time',
    encode: (params, ids, { layout }, drop) => {
      const { words, gru } = params as Parameters<Tensor>;
      const x = dropout(embedding(words, ids.rows), drop, 'text.words');
      if (layout) return biGru(gru, x, layout, 'mean');
      const [{ x: padded, lengths }] = padGroups({ rows: x, layout: ids.layout });
      return unpadGroups([biGruPadded(gru, padded, lengths, 'mean')], ids.layout);
    },
  });
}

/** Word vectors with learnt positions through pre-norm Transformer layers. */
export function transformerTextTower(options: TransformerTextOptions): Tower {
  type Parameters<L> = {
    readonly words: Embedding<L>;
    readonly positions: L;
    readonly layers: { readonly [index: string]: TransformerLayer<L> };
    readonly norm: Norm<L>;
    readonly projection: Linear<L>;
  };
  const { vocabulary, width, layers, heads, dimension, longest } = options;
  const parameters: Parameters<ParameterSpec> = {
    words: embeddingParameters(vocabulary, width, normal(0.02)),
    positions: parameter([longest, width], normal(0.02)),
    layers: Object.fromEntries(
      Array.from({ length: layers }, (_, i) => [`${i}`, transformerLayerParameters(width, 4 * width)]),
    ),
    norm: normParameters(width),
    projection: linearParameters(width, dimension),
  };
  return textTower(options, {
    parameters,
    order: 'sequence',
    encode: (params, ids, { position }, drop) => {
      const { words, positions, layers: stack, norm, projection } = params as Parameters<Tensor>;
      let x: Ragged = {
        rows: dropout(add(embedding(words, ids.rows), gather(positions, position)), drop, 'text.words'),
        layout: ids.layout,
      };
      for (let i = 0; i < layers; i++) {
        x = transformerLayer(stack[i], x, {
          heads,
          activation: 'gelu',
          norm: 'pre',
          dropout: drop,
          stream: `text.${i}`,
        });
      }
      return linear(projection, layerNorm(norm, x.rows));
    },
  });
}

/** A tower around words: groups of captions in training, plain padded ids when exported. */
function textTower(options: WordOptions, words: Words): Tower {
  const { pooling, widths } = options;
  const parameters = { encoder: words.parameters, pooling: poolingParameters(pooling) };
  type Parameters = { readonly encoder: Tree<Tensor>; readonly pooling: PoolingParameters<Tensor> };

  function encodeIds(
    params: Parameters,
    ids: Ragged,
    places: { position: Tensor; layout: RecurrentInputs<Tensor> | undefined },
    { training, key }: Mode,
  ): Encoded {
    const drop = training && key ? { rate: options.dropout, key } : undefined;
    const fragments = { rows: words.encode(params.encoder, ids, places, drop), layout: ids.layout };
    return { pooled: dropout(pool(pooling, params.pooling, fragments), drop, 'text.pooled'), fragments, buffers: {} };
  }

  return {
    parameters,
    buffers: {},
    inputs: (name) => ({
      ids: { shape: [rowsOf(name)], dtype: 'int32' } as Spec,
      layout: words.order === 'time' ? raggedSpecs(name, widths, 'time') : raggedSpecs(name, widths, 'sequence'),
    }),
    encode: (params, _, batch, count, mode) => {
      const { ids, layout } = batch as Inputs<Tensor>;
      const ragged = { rows: ids, layout: layoutFrom(layout, count) };
      return encodeIds(params as Parameters, ragged, { position: layout.position, layout }, mode);
    },
    exported: {
      inputs: {
        ids: { shape: ['texts', 'tokens'], dtype: 'int32' },
        lengths: { shape: ['texts'], dtype: 'int32' },
      },
      encode: (params, _, batch) => {
        const { ids, lengths } = batch as PaddedInputs<Tensor>;
        const { ragged, position } = paddedLayout(ids, lengths);
        return encodeIds(params as Parameters, ragged, { position, layout: undefined }, { training: false });
      },
    },
  };
}
