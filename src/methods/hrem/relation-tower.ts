/**
 * @file A tower whose fragments read each other before pooling: one Transformer layer over the fragments of another tower, and
 * residual pooling. HREM "Fragment-level relation modelling and pooling".
 */

import { dropOf, type Encoded, type Mode, type Tower } from '../../encoders/tower.ts';
import { add, multiply } from '../../graph/ops/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { pool } from '../../nn/pooling/pooling.ts';
import type { Ragged } from '../../nn/ragged.ts';
import { type TransformerLayer, transformerLayer, transformerLayerParameters } from '../../nn/transformer.ts';

export interface RelationTowerOptions {
  /** d of the fragments, which is that of the embedding. */
  readonly dimension: number;
  readonly heads: number;
  /** Width between the two linear maps of the layer. */
  readonly hidden: number;
  /** Dropout inside the layer. */
  readonly dropout: number;
  /** ω, share of the fragments as they were before the layer. */
  readonly residualWeight: number;
  /** Largest values of each dimension that are averaged: 2 in the official code, 1 is the maximum of the paper. */
  readonly topValues: number;
  /** Name of the tower, for the random stream of dropout. */
  readonly stream: string;
}

type Parameters<L> = { readonly base: Tree<L>; readonly layer: TransformerLayer<L> };

/**
 * With R the fragments of the base tower:
 *
 *     X₁ = LN( R + MHA(R) )        R̃ = LN( X₁ + W₂ ReLU(W₁ X₁) )
 *     v = ω · top2mean(R) + (1 - ω) · mean(R̃)
 *
 * The pooling of the base tower is not used: give it one without parameters. Fragments stay those before the layer, which is
 * what the graph matches.
 */
export function relationTower(base: Tower, options: RelationTowerOptions): Tower {
  const { dimension, heads, hidden, residualWeight, topValues, stream } = options;
  const parameters: Parameters<ParameterSpec> = {
    base: base.parameters,
    layer: transformerLayerParameters(dimension, hidden),
  };

  function pooled(layer: TransformerLayer<Tensor>, fragments: Ragged, mode: Mode): Tensor {
    const after = transformerLayer(layer, fragments, {
      heads,
      activation: 'relu',
      norm: 'post',
      dropout: dropOf(mode, options.dropout),
      stream: `${stream}.relation`,
    });
    const strongest = pool({ kind: 'topK', k: topValues }, {}, fragments);
    return add(multiply(strongest, residualWeight), multiply(pool({ kind: 'mean' }, {}, after), 1 - residualWeight));
  }

  const related = (params: Tree<Tensor>, encode: (base: Tree<Tensor>) => Encoded, mode: Mode): Encoded => {
    const { base: inner, layer } = params as Parameters<Tensor>;
    const encoded = encode(inner);
    return { ...encoded, pooled: pooled(layer, encoded.fragments, mode) };
  };

  return {
    parameters,
    buffers: base.buffers,
    inputs: (name) => base.inputs(name),
    encode: (params, buffers, batch, count, mode) =>
      related(params, (inner) => base.encode(inner, buffers, batch, count, mode), mode),
    exported: {
      ...base.exported,
      encode: (params, buffers, batch, frozen) =>
        related(params, (inner) => base.exported.encode(inner, buffers, batch, frozen), { training: false }),
    },
  };
}
