/**
 * @file Interaction, variant Standalone: a branch for each modality that first reads the other one, then itself. The paper has it,
 * the official code has not; all details here are reconstructed from Fusion.
 */
import { add, multiply, relu } from '../../graph/ops/elementwise.ts';
import { l2Normalize } from '../../graph/ops/reduce.ts';
import { squeeze, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { attentionParameters, type MultiHeadAttention, multiHeadAttention } from '../../nn/attention.ts';
import { type Dropout, dropout } from '../../nn/dropout.ts';
import { type Linear, linear, linearParameters } from '../../nn/linear.ts';
import { layerNorm, type Norm, normParameters } from '../../nn/norm.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import type { LayerOptions } from './fusion.ts';
import type { Embeddings, Relations } from './relations.ts';

/** What the paper leaves open; both are reconstructed. */
export interface StandaloneOptions {
  /** Each modality has weights of its own, or both share them. */
  readonly branches: 'own' | 'shared';
  /** Captions read the images as they enter a layer, or as they have just become. */
  readonly crossReads: 'input' | 'updated';
}

type Branch<L> = {
  readonly cross: MultiHeadAttention<L>;
  readonly crossNorm: Norm<L>;
  readonly self: MultiHeadAttention<L>;
  readonly selfNorm: Norm<L>;
  readonly expand: Linear<L>;
  readonly contract: Linear<L>;
  readonly hiddenNorm: Norm<L>;
};

/** Branches of each layer; shared ones lie under `image`. */
export type Standalone<L> = { readonly [layer: string]: { readonly image: Branch<L>; readonly text?: Branch<L> } };

export function standaloneParameters(
  dimension: number,
  { layers, hidden, branches }: LayerOptions & StandaloneOptions,
): Standalone<ParameterSpec> {
  const branch = (): Branch<ParameterSpec> => ({
    cross: attentionParameters(dimension),
    crossNorm: normParameters(dimension),
    self: attentionParameters(dimension),
    selfNorm: normParameters(dimension),
    expand: linearParameters(dimension, hidden),
    contract: linearParameters(hidden, dimension),
    hiddenNorm: normParameters(dimension),
  });
  const layer = () => ({ image: branch(), ...(branches === 'own' && { text: branch() }) });
  return Object.fromEntries(Array.from({ length: layers }, (_, i) => [`${i}`, layer()]));
}

/**
 * A layer, in each of the two branches:
 *
 *     V₁ = LN( V  + MHA(V, U, U; A_IT, λ_E E_IT) )        U₁ = LN( U  + MHA(U, V, V; A_TI, λ_E E_TI) )
 *     V₂ = LN( V₁ + MHA(V₁, V₁, V₁; A_II, λ_E E_II) )     U₂ = LN( U₁ + MHA(U₁, U₁, U₁; A_TT, λ_E E_TT) )
 *     V₃ = LN( V₂ + W₂ ReLU(W₁ V₂) )                      U₃ alike
 *
 * @returns V̄, Ū of unit length after L layers
 */
export function standalone(
  params: Standalone<Tensor>,
  { images, texts }: Embeddings,
  { linked, weights }: Relations,
  options: LayerOptions & StandaloneOptions,
  drop: Dropout | undefined,
): Embeddings {
  const { layers, heads, edgeScale, crossReads } = options;
  const relation = (block: keyof Relations['linked']) => ({
    mask: linked[block],
    bias: multiply(weights[block], edgeScale),
  });
  let [v, u] = [images, texts].map((x) => unsqueeze(x, 0));
  for (let i = 0; i < layers; i++) {
    const { image, text = image } = params[i];
    const read = (
      branch: Branch<Tensor>,
      part: 'cross' | 'self',
      x: Tensor,
      from: Tensor,
      at: keyof Relations['linked'],
    ) => {
      const stream = `hrem.standalone.${i}.${at}`;
      const mixed = multiHeadAttention(branch[part], x, from, { heads, dropout: drop, stream }, relation(at));
      return layerNorm(branch[`${part}Norm`], add(x, dropout(mixed, drop, `${stream}.attention`)));
    };
    const forward = (branch: Branch<Tensor>, x: Tensor, side: string) => {
      const stream = `hrem.standalone.${i}.${side}`;
      const hidden = dropout(relu(linear(branch.expand, x)), drop, `${stream}.hidden`);
      return layerNorm(branch.hiddenNorm, add(x, dropout(linear(branch.contract, hidden), drop, `${stream}.output`)));
    };
    const v1 = read(image, 'cross', v, u, 'imageToText');
    const u1 = read(text, 'cross', u, crossReads === 'input' ? v : v1, 'textToImage');
    v = forward(image, read(image, 'self', v1, v1, 'imageToImage'), 'image');
    u = forward(text, read(text, 'self', u1, u1, 'textToText'), 'text');
  }
  const [vBar, uBar] = [v, u].map((x) => l2Normalize(squeeze(x, 0)));
  return { images: vBar, texts: uBar };
}
