/** @file One Transformer layer over packed rows, norm after each part (as first published) or before it. */
import { add, gelu, geluTanh, quickGelu, relu } from '../graph/ops/elementwise.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type AttentionOptions, attentionParameters, type MultiHeadAttention, selfAttention } from './attention.ts';
import { dropout } from './dropout.ts';
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

export interface TransformerOptions extends AttentionOptions {
  /** Of the hidden layer. */
  readonly activation: Activation;
  /**
   * post: x₁ = LN(x + A(x)), y = LN(x₁ + F(x₁));  pre: x₁ = x + A(LN(x)), y = x₁ + F(LN(x₁)).
   * F(x) = W₂ activation(W₁ x); `dropout` is applied to the attention weights, to A, inside F and to F.
   */
  readonly norm: 'post' | 'pre';
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
  const { activation, norm, epsilon = 1e-5, dropout: drop, stream = 'layer' } = options;
  const attend = (rows: Tensor) =>
    dropout(selfAttention(params.attention, { rows, layout: x.layout }, options, bias), drop, `${stream}.attention`);
  const forward = (rows: Tensor) => {
    const hidden = dropout(activations[activation](linear(params.expand, rows)), drop, `${stream}.hidden`);
    return dropout(linear(params.contract, hidden), drop, `${stream}.output`);
  };
  const around = (rows: Tensor, part: (rows: Tensor) => Tensor, weights: Norm<Tensor>) =>
    norm === 'post'
      ? layerNorm(weights, add(rows, part(rows)), epsilon)
      : add(rows, part(layerNorm(weights, rows, epsilon)));
  const attended = around(x.rows, attend, params.attentionNorm);
  return { rows: around(attended, forward, params.hiddenNorm), layout: x.layout };
}
