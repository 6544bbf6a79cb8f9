/** @file One Transformer layer over packed rows, norm after each part (as first published) or before it. */
import { add, gelu, geluTanh, quickGelu, relu } from '../graph/ops/elementwise.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type AttentionOptions, attentionParameters, type MultiHeadAttention, selfAttention } from './attention.ts';
import { type Dropout, dropout } from './dropout.ts';
import { type Linear, linear, linearParameters } from './linear.ts';
import { layerNorm, type Norm, normParameters } from './norm.ts';
import type { ParameterSpec } from './parameters.ts';
import type { Ragged } from './ragged.ts';

export type TransformerLayer<L> = {
  readonly attention: MultiHeadAttention<L>;
  readonly attentionNorm: Norm<L>;
  /** [hidden, width]. */
  readonly expand: Linear<L>;
  /** [width, hidden]. */
  readonly contract: Linear<L>;
  readonly hiddenNorm: Norm<L>;
};

const activations = { relu, gelu, geluTanh, quickGelu };
export type Activation = keyof typeof activations;

/** What a layer drops in training, place by place; nothing where a place is left out. */
export interface LayerDrops {
  /** The attention weights. */
  readonly weights?: Dropout | undefined;
  /** Inside F, after the activation. */
  readonly hidden?: Dropout | undefined;
  /** A and F, which are added to what came in. */
  readonly added?: Dropout | undefined;
}

export interface TransformerOptions extends Omit<AttentionOptions, 'dropout'> {
  /** Of the hidden layer. */
  readonly activation: Activation;
  /**
   * post: x₁ = LN(x + A(x)), y = LN(x₁ + F(x₁));  pre: x₁ = x + A(LN(x)), y = x₁ + F(LN(x₁)).
   * F(x) = W₂ activation(W₁ x).
   */
  readonly norm: 'post' | 'pre';
  /** One rate for all places, or each place's own. */
  readonly dropout?: Dropout | LayerDrops | undefined;
  /** Of both layer norms; 1e-5 unless given. */
  readonly epsilon?: number;
}

/** @param hidden width between the two linear maps */
export function transformerLayerParameters(width: number, hidden: number): TransformerLayer<ParameterSpec> {
  return {
    attention: attentionParameters(width),
    attentionNorm: normParameters(width),
    expand: linearParameters(width, hidden),
    contract: linearParameters(hidden, width),
    hiddenNorm: normParameters(width),
  };
}

/**
 * One layer.
 *
 * @param x rows [N, width]
 * @param bias additive, as in `selfAttention`
 * @returns rows [N, width] in the same layout
 */
export function transformerLayer(
  params: TransformerLayer<Tensor>,
  x: Ragged,
  options: TransformerOptions,
  bias?: readonly Tensor[],
): Ragged {
  const { heads, activation, norm, epsilon = 1e-5, stream = 'layer' } = options;
  const drops = dropsOf(options.dropout);
  const attend = (rows: Tensor) =>
    dropout(
      selfAttention(params.attention, { rows, layout: x.layout }, { heads, dropout: drops.weights, stream }, bias),
      drops.added,
      `${stream}.attention`,
    );
  const forward = (rows: Tensor) => {
    const hidden = dropout(activations[activation](linear(params.expand, rows)), drops.hidden, `${stream}.hidden`);
    return dropout(linear(params.contract, hidden), drops.added, `${stream}.output`);
  };
  const around = (rows: Tensor, part: (rows: Tensor) => Tensor, weights: Norm<Tensor>) =>
    norm === 'post'
      ? layerNorm(weights, add(rows, part(rows)), epsilon)
      : add(rows, part(layerNorm(weights, rows, epsilon)));
  const attended = around(x.rows, attend, params.attentionNorm);
  return { rows: around(attended, forward, params.hiddenNorm), layout: x.layout };
}

function dropsOf(given: Dropout | LayerDrops | undefined): LayerDrops {
  if (given === undefined || !('rate' in given)) return given ?? {};
  return { weights: given, hidden: given, added: given };
}
