/** @file What stands on a pretrained encoder: a projection into the shared space, and the way to one vector of each sequence. */
import { DiptychError } from '../../errors/error.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import { type Linear, linear, linearParameters } from '../../nn/linear.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { type PoolingParameters, pool, poolingParameters } from '../../nn/pooling/pooling.ts';
import type { Ragged } from '../../nn/ragged.ts';
import type { PretrainedEncoder } from './encoder.ts';
import { pickRows, type SequencePooling, takesRow } from './pooling.ts';

export interface HeadOptions {
  /**
   * Length of the vectors. A new linear map leads there, except from CLIP, whose own projection stays. Without: what the
   * encoder gives, projected by CLIP's own or not at all.
   */
  readonly dimension?: number | undefined;
  /** The encoder's own unless given: mean for BERT, class token for pictures, end of the text for CLIP. */
  readonly pooling?: SequencePooling | undefined;
}

/** Parameters of an encoder with its head: all that was pretrained, and all that is new. */
export type HeadedParameters<L> = {
  readonly encoder: Tree<L>;
  readonly head: { readonly projection?: Linear<L>; readonly pooling: PoolingParameters<L> };
};

export interface Head {
  readonly parameters: HeadedParameters<ParameterSpec>;
  /** From the last hidden states to one vector for each sequence, and to rows in the same space. */
  apply(params: HeadedParameters<Tensor>, hidden: Ragged): { pooled: Tensor; fragments: Ragged };
}

/**
 * The head of an encoder.
 *
 * @throws DIPTYCH_PRETRAINED_DIMENSION, DIPTYCH_PRETRAINED_POOLING
 */
export function headOf(encoder: PretrainedEncoder<never>, options: HeadOptions): Head {
  const { folder, projection, pooler, width } = encoder;
  const { dimension, pooling = encoder.pooling } = options;
  if (projection && dimension !== undefined && dimension !== projection.dimension) {
    throw new DiptychError('DIPTYCH_PRETRAINED_DIMENSION', { folder, projection: projection.dimension, dimension });
  }
  if (pooling.kind === 'pooler' && !pooler) {
    const problem = 'the weights hold no pooler';
    throw new DiptychError('DIPTYCH_PRETRAINED_POOLING', { folder, pooling: pooling.kind, problem });
  }
  const isNew = dimension !== undefined && !projection;
  return {
    parameters: {
      encoder: pooling.kind === 'pooler' ? { ...encoder.parameters, pooler: pooler!.parameters } : encoder.parameters,
      head: {
        ...(isNew && { projection: linearParameters(width, dimension) }),
        pooling: takesRow(pooling) ? {} : poolingParameters(pooling),
      },
    },
    apply: (params, hidden) => {
      const finish = (rows: Tensor) => encoder.finish(params.encoder, rows);
      const project = (rows: Tensor) => {
        if (projection) return projection.apply(params.encoder, rows);
        return params.head.projection ? linear(params.head.projection, rows) : rows;
      };
      const finished = { rows: finish(hidden.rows), layout: hidden.layout };
      const fragments = { rows: project(finished.rows), layout: hidden.layout };
      return { pooled: pooled(), fragments };

      /** Rows are picked, or averaged, before they are projected where that is the same: one product a sequence, not a row. */
      function pooled(): Tensor {
        if (takesRow(pooling)) {
          const row = finish(pickRows(pooling, hidden));
          return project(pooling.kind === 'pooler' ? pooler!.apply(params.encoder, row) : row);
        }
        if (pooling.kind === 'mean') return project(pool(pooling, {}, finished));
        return pool(pooling, params.head.pooling, fragments);
      }
    },
  };
}
