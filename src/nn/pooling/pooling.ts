/** @file Pooling of ragged batches by name. */
import type { Tensor } from '../../graph/tensor.ts';
import type { ParameterSpec } from '../parameters.ts';
import { mergeGroups, type Padded, padGroups, type Ragged } from '../ragged.ts';
import { type Gpo, gpoParameters, gpoPool, gpoTable } from './gpo.ts';
import { maxPool, meanMaxPool, meanPool, topKMeanPool } from './simple.ts';

export type Pooling =
  | { readonly kind: 'mean' | 'max' | 'meanMax' }
  /** Mean of the k largest values of each dimension. */
  | { readonly kind: 'topK'; readonly k: number }
  /** `longest`: length of the longest sequence that can come. */
  | { readonly kind: 'gpo'; readonly longest: number };

/** Parameters of a pooling: those of GPO, or none. */
export type PoolingParameters<L> = Gpo<L> | Record<string, never>;

export function poolingParameters({ kind }: Pooling): PoolingParameters<ParameterSpec> {
  return kind === 'gpo' ? gpoParameters() : {};
}

/**
 * One vector for each sequence.
 *
 * @param params as `poolingParameters` describes them
 * @param x rows [N, d]
 * @returns [batch, d]
 */
export function pool(pooling: Pooling, params: PoolingParameters<Tensor>, x: Ragged): Tensor {
  const poolGroup = groupPooling(pooling, params);
  return mergeGroups(padGroups(x).map(poolGroup), x.layout.batch);
}

/** How one padded group is pooled: [count, width, d] to [count, d]. */
export function groupPooling(pooling: Pooling, params: PoolingParameters<Tensor>): (group: Padded) => Tensor {
  switch (pooling.kind) {
    case 'mean':
      return meanPool;
    case 'max':
      return maxPool;
    case 'meanMax':
      return meanMaxPool;
    case 'topK':
      return (group) => topKMeanPool(group, pooling.k);
    case 'gpo': {
      const table = gpoTable(params as Gpo<Tensor>, pooling.longest);
      return (group) => gpoPool(group, table);
    }
  }
}
