/**
 * @file The Transformer layers that all families share: their names in files, and `nn/transformer.ts` with dropout where these models
 * were trained with it: attention weights at one rate, what is added to the residual at another, nothing in between.
 */
import type { Dim } from '../../graph/dims.ts';
import { greater, where } from '../../graph/ops/elementwise.ts';
import { iota } from '../../graph/ops/leaves.ts';
import { maskedLogit } from '../../graph/ops/reduce.ts';
import { reshape } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Ragged } from '../../nn/ragged.ts';
import { type Activation, type TransformerLayer, transformerLayer } from '../../nn/transformer.ts';
import { linearRows, normRows, type WeightRow } from './weights.ts';

/** Activations by the names that config.json gives them. */
export const activations = {
  gelu: 'gelu',
  gelu_new: 'geluTanh',
  gelu_pytorch_tanh: 'geluTanh',
  quick_gelu: 'quickGelu',
  relu: 'relu',
} as const satisfies Record<string, Activation>;
export type ActivationName = keyof typeof activations;
export const activationNames = Object.keys(activations) as [ActivationName, ...ActivationName[]];

/** What a training step drops in the layers. */
export interface LayerDropout {
  /** int32 scalar, another at each step. */
  readonly key: Tensor;
  /** Share of what is added to the residual. */
  readonly hidden: number;
  /** Share of the attention weights. */
  readonly attention: number;
}

/** How the layers of a model compute. */
export interface LayerOptions {
  readonly heads: number;
  readonly activation: ActivationName;
  /** post: x₁ = LN(x + A(x)), y = LN(x₁ + F(x₁));  pre: x₁ = x + A(LN(x)), y = x₁ + F(LN(x₁)). */
  readonly norm: 'post' | 'pre';
  /** Of the layer norms. */
  readonly epsilon: number;
  /** Each place reads itself and those before it. */
  readonly causal?: boolean;
  readonly drop: LayerDropout | undefined;
  /** Prefix of the random streams. */
  readonly stream: string;
}

/** Layers by their number. */
export type Layers<L> = { readonly [index: string]: TransformerLayer<L> };

/** How many layers, the width between them, and that inside. */
export interface LayerSizes {
  readonly layers: number;
  readonly width: number;
  readonly hidden: number;
}

/** Names of the tensors of one layer. */
export type LayerNames = Readonly<
  Record<'query' | 'key' | 'value' | 'output' | 'attentionNorm' | 'expand' | 'contract' | 'hiddenNorm', string>
>;

/**
 * Rows of all layers, under `layers`.
 *
 * @param prefix before the number of the layer in the file, such as `encoder.layer.`
 */
export function layerRows(prefix: string, names: LayerNames, { layers, width, hidden }: LayerSizes): WeightRow[] {
  return Array.from({ length: layers }, (_, i) => {
    const path = `layers.${i}`;
    const at = (...parts: (keyof LayerNames)[]) => parts.map((part) => `${prefix}${i}.${names[part]}`);
    return [
      ...linearRows(`${path}.attention.input`, at('query', 'key', 'value'), [3 * width, width]),
      ...linearRows(`${path}.attention.output`, at('output'), [width, width]),
      ...normRows(`${path}.attentionNorm`, at('attentionNorm')[0], width),
      ...linearRows(`${path}.expand`, at('expand'), [hidden, width]),
      ...linearRows(`${path}.contract`, at('contract'), [width, hidden]),
      ...normRows(`${path}.hiddenNorm`, at('hiddenNorm')[0], width),
    ];
  }).flat();
}

/** All layers, one after the other. @param x rows [N, width] */
export function encodeLayers(layers: Layers<Tensor>, x: Ragged, options: LayerOptions): Ragged {
  const { heads, activation, norm, epsilon, causal, drop, stream } = options;
  const bias = causal ? x.layout.groups.map(({ width }) => causalBias(width)) : undefined;
  const dropping = (rate: number) => drop && { rate, key: drop.key };
  const layerOptions = {
    ...{ heads, norm, epsilon },
    activation: activations[activation],
    dropout: drop && { weights: dropping(drop.attention), added: dropping(drop.hidden) },
  };
  return Object.keys(layers)
    .map(Number)
    .sort((a, b) => a - b)
    .reduce((rows, i) => transformerLayer(layers[i], rows, { ...layerOptions, stream: `${stream}.${i}` }, bias), x);
}

/** [width, width]: low where the key (column) comes after the query (row). */
function causalBias(width: Dim): Tensor {
  const places = iota(width);
  const later = greater(reshape(places, [1, width]), reshape(places, [width, 1]));
  return where(later, maskedLogit, 0);
}
