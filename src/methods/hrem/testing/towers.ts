/** @file Small real towers for tests: a linear map of fed rows, in the training form and in the exported one. */
import type { Spec, Tensor } from '../../../graph/tensor.ts';
import type { Tree } from '../../../graph/tree.ts';
import { type Linear, linear, linearParameters } from '../../../nn/linear.ts';
import { pool } from '../../../nn/pooling/pooling.ts';
import { layoutFrom, paddedLayout, type Ragged, type RaggedInputs, raggedSpecs, rowsOf } from '../../../nn/ragged.ts';
import type { FragmentTower } from '../relation-tower.ts';

/** Rows of `input` numbers to fragments of `dimension`; the pooled vector is their mean. @param longest of the exported form */
export function linearTower(
  input: number,
  dimension: number,
  widths: readonly number[],
  longest: number,
): FragmentTower {
  type Inputs<L> = { readonly x: L; readonly layout: RaggedInputs<L> };
  const fragments = (params: Tree<Tensor>, { rows, layout }: Ragged): Ragged => ({
    rows: linear(params as Linear<Tensor>, rows),
    layout,
  });
  const exportedFragments = (params: Tree<Tensor>, batch: Tree<Tensor>) => {
    const { x, lengths } = batch as Record<string, Tensor>;
    return fragments(params, paddedLayout(x, lengths).ragged);
  };
  return {
    parameters: linearParameters(input, dimension),
    buffers: {},
    inputs: (name): Inputs<Spec> => ({
      x: { shape: [rowsOf(name), input], dtype: 'float32' },
      layout: raggedSpecs(name, widths, 'sequence'),
    }),
    encode: (params, _, batch, count) => {
      const { x, layout } = batch as Inputs<Tensor>;
      const ragged = fragments(params, { rows: x, layout: layoutFrom(layout, count) });
      return { pooled: pool({ kind: 'mean' }, {}, ragged), fragments: ragged, buffers: {} };
    },
    exported: {
      inputs: {
        x: { shape: ['count', longest, input], dtype: 'float32' },
        lengths: { shape: ['count'], dtype: 'int32' },
      },
      fragments: (params, _, batch) => exportedFragments(params, batch),
      encode: (params, _, batch) => pool({ kind: 'mean' }, {}, exportedFragments(params, batch)),
    },
  };
}
