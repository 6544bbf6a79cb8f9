/** @file Text towers over word ids: a bidirectional GRU, or Transformer layers. */
import { add } from '../graph/ops/elementwise.ts';
import { gather } from '../graph/ops/indexing.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Tree } from '../graph/tree.ts';
import { type Dropout, dropout } from '../nn/dropout.ts';
import { type BiGru, biGru, biGruPadded, biGruParameters } from '../nn/gru.ts';
import { normal } from '../nn/initialisers.ts';
import { type Embedding, embedding, embeddingParameters } from '../nn/linear.ts';
import { type ParameterSpec, parameter } from '../nn/parameters.ts';
import { type Pooling, type PoolingParameters, pool, poolingParameters } from '../nn/pooling/pooling.ts';
import { padGroups, unpadGroups } from '../nn/ragged.ts';
import { overTokens, type TokenFrame, type Tokens } from './frames.ts';
import { encodeStack, type Stack, type StackOptions, stackParameters } from './stack.ts';
import { dropOf, type Tower } from './tower.ts';

interface WordOptions extends Pick<TokenFrame, 'widths'> {
  /** Number of ids. */
  readonly vocabulary: number;
  /** Most tokens of a caption, ever. */
  readonly longest: number;
  readonly dimension: number;
  readonly pooling: Pooling;
  readonly dropout: number;
}

export interface RecurrentOptions extends WordOptions {
  readonly wordDimension: number;
}

export interface TransformerTextOptions extends WordOptions, StackOptions {}

/** What differs between these towers: parameters, and words in the shared space from ids. */
interface Words extends Pick<TokenFrame, 'parameters' | 'order'> {
  /** Rows in the shared space. */
  encode(params: Tree<Tensor>, tokens: Tokens, drop: Dropout | undefined): Tensor;
}

/** Word vectors through one bidirectional GRU, directions averaged (HREM and VSE-infinity, "BiGRU"). */
export function recurrentTower(options: RecurrentOptions): Tower {
  type Parameters<L> = { readonly words: Embedding<L>; readonly gru: BiGru<L> };
  const { vocabulary, wordDimension, dimension } = options;
  const parameters: Parameters<ParameterSpec> = {
    words: embeddingParameters(vocabulary, wordDimension),
    gru: biGruParameters(wordDimension, dimension),
  };
  return wordTower(options, {
    parameters,
    order: 'time',
    encode: (params, { ids, recurrence }, drop) => {
      const { words, gru } = params as Parameters<Tensor>;
      const x = dropout(embedding(words, ids.rows), drop, 'text.words');
      if (recurrence) return biGru(gru, x, recurrence, 'mean');
      const [{ x: padded, lengths }] = padGroups({ rows: x, layout: ids.layout });
      return unpadGroups([biGruPadded(gru, padded, lengths, 'mean')], ids.layout);
    },
  });
}

/** Word vectors with learnt positions through pre-norm Transformer layers. */
export function transformerTextTower(options: TransformerTextOptions): Tower {
  type Parameters<L> = Stack<L> & { readonly words: Embedding<L>; readonly positions: L };
  const { vocabulary, width, longest } = options;
  const parameters: Parameters<ParameterSpec> = {
    words: embeddingParameters(vocabulary, width, normal(0.02)),
    positions: parameter([longest, width], normal(0.02)),
    ...stackParameters(options),
  };
  return wordTower(options, {
    parameters,
    order: 'sequence',
    encode: (params, { ids, position }, drop) => {
      const { words, positions, ...stack } = params as Parameters<Tensor>;
      const x = dropout(add(embedding(words, ids.rows), gather(positions, position)), drop, 'text.words');
      return encodeStack(stack, { rows: x, layout: ids.layout }, options, drop, 'text').rows;
    },
  });
}

/** A tower around words, which are pooled. */
function wordTower({ pooling, widths, dropout: rate }: WordOptions, words: Words): Tower {
  type Parameters = { readonly encoder: Tree<Tensor>; readonly pooling: PoolingParameters<Tensor> };
  return overTokens({
    parameters: { encoder: words.parameters, pooling: poolingParameters(pooling) },
    widths,
    order: words.order,
    encode: (params, tokens, mode) => {
      const { encoder, pooling: weights } = params as Parameters;
      const drop = dropOf(mode, rate);
      const fragments = { rows: words.encode(encoder, tokens, drop), layout: tokens.ids.layout };
      return { pooled: dropout(pool(pooling, weights, fragments), drop, 'text.pooled'), fragments, buffers: {} };
    },
  });
}
