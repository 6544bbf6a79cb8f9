/**
 * @file The image tower over stored features: regions of a detector or cells of a grid, projected and pooled.
 *
 *     r = W_a x + b_a + W_2 ReLU(BN(W_1 x + b_1)) + b_2          W_1: in -> d/2, W_2: d/2 -> d, W_a: in -> d
 *
 * (HREM "Image projection", VSE-infinity.) Batch norm sees the packed rows, so no padding enters its statistics.
 */
import type { DType } from '../graph/attributes.ts';
import { add, cast, relu } from '../graph/ops/elementwise.ts';
import type { Spec, Tensor } from '../graph/tensor.ts';
import { dropout } from '../nn/dropout.ts';
import { xavierUniform } from '../nn/initialisers.ts';
import { type Linear, linear, linearParameters } from '../nn/linear.ts';
import { batchNormIn, type Norm, normParameters, type RunningStatistics, runningStatistics } from '../nn/norm.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { type Pooling, type PoolingParameters, pool, poolingParameters } from '../nn/pooling/pooling.ts';
import { fullRagged, layoutFrom, type Ragged, type RaggedInputs, raggedSpecs, rowsOf } from '../nn/ragged.ts';
import { dropOf, type Encoded, type Mode, type Tower } from './tower.ts';

export interface GridOptions {
  /** Length of the stored feature vectors. */
  readonly featureWidth: number;
  /** Regions or cells of a whole image. */
  readonly regions: number;
  /** Element type in which features are fed; half precision is widened in the graph. */
  readonly featureType: Extract<DType, 'float32' | 'float16'>;
  readonly dimension: number;
  /** Adds the residual perceptron. */
  readonly mlp: boolean;
  readonly pooling: Pooling;
  /** Share of the pooled vector dropped in training. */
  readonly dropout: number;
}

type Projection<L> = {
  readonly linear: Linear<L>;
  readonly first?: Linear<L>;
  readonly norm?: Norm<L>;
  readonly second?: Linear<L>;
};
type Parameters<L> = { readonly projection: Projection<L>; readonly pooling: PoolingParameters<L> };
type Buffers<L> = { readonly norm?: RunningStatistics<L> };
type Inputs<L> = { readonly features: L; readonly layout: RaggedInputs<L> };

/** The image tower over stored features. */
export function gridTower(options: GridOptions): Tower {
  const { featureWidth, regions, featureType, dimension, mlp, pooling } = options;
  const hidden = Math.floor(dimension / 2);
  const projection: Projection<ParameterSpec> = {
    linear: linearParameters(featureWidth, dimension, xavierUniform()),
    ...(mlp && {
      first: linearParameters(featureWidth, hidden, xavierUniform()),
      norm: normParameters(hidden),
      second: linearParameters(hidden, dimension, xavierUniform()),
    }),
  };
  const parameters: Parameters<ParameterSpec> = { projection, pooling: poolingParameters(pooling) };
  const buffers: Buffers<ParameterSpec> = mlp ? { norm: runningStatistics(hidden) } : {};

  function encodeRows(
    params: Parameters<Tensor>,
    state: Buffers<Tensor>,
    { rows, layout }: Ragged,
    mode: Mode,
  ): Encoded {
    const { fragments, buffers } = project(params.projection, state, rows, mode);
    const ragged = { rows: fragments, layout };
    const drop = dropOf(mode, options.dropout);
    return { pooled: dropout(pool(pooling, params.pooling, ragged), drop, 'image.pooled'), fragments: ragged, buffers };
  }

  return {
    parameters,
    buffers,
    inputs: (name): Inputs<Spec> => ({
      features: { shape: [rowsOf(name), featureWidth], dtype: featureType },
      layout: raggedSpecs(name, [regions], 'sequence'),
    }),
    encode: (params, state, batch, count, mode) => {
      const { features, layout } = batch as Inputs<Tensor>;
      const ragged = { rows: cast(features, 'float32'), layout: layoutFrom(layout, count) };
      return encodeRows(params as Parameters<Tensor>, state as Buffers<Tensor>, ragged, mode);
    },
    exported: {
      inputs: { features: { shape: ['images', regions, featureWidth], dtype: 'float32' } },
      encode: (params, state, batch) =>
        encodeRows(params as Parameters<Tensor>, state as Buffers<Tensor>, fullRagged(batch.features as Tensor), {
          training: false,
        }),
    },
  };
}

function project(params: Projection<Tensor>, state: Buffers<Tensor>, x: Tensor, mode: Mode) {
  const direct = linear(params.linear, x);
  if (!params.first || !params.second || !params.norm || !state.norm) return { fragments: direct, buffers: state };
  const hidden = linear(params.first, x);
  const { y, running } = batchNormIn(mode, params.norm, state.norm, hidden);
  return { fragments: add(direct, linear(params.second, relu(y))), buffers: { norm: running } };
}
