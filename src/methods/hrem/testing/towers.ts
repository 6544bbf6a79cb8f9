/** @file Small real towers for tests: a linear map of fed rows, in the training form and in the exported one. */
import type { Encoded, Tower } from '../../../encoders/tower.ts';
import type { Spec, Tensor } from '../../../graph/tensor.ts';
import type { Tree } from '../../../graph/tree.ts';
import { type Linear, linear, linearParameters } from '../../../nn/linear.ts';
import { pool } from '../../../nn/pooling/pooling.ts';
import { layoutFrom, paddedLayout, type Ragged, type RaggedInputs, raggedSpecs, rowsOf } from '../../../nn/ragged.ts';

/** Rows of `input` numbers to fragments of `dimension`; the pooled vector is their mean. @param longest of the exported form */
export function linearTower(input: number, dimension: number, widths: readonly number[], longest: number): Tower {
  type Inputs<L> = { readonly x: L; readonly layout: RaggedInputs<L> };
  const fragments = (params: Tree<Tensor>, { rows, layout }: Ragged): Ragged => ({
    rows: linear(params as Linear<Tensor>, rows),
    layout,
  });
  const encoded = (ragged: Ragged): Encoded => ({
    pooled: pool({ kind: 'mean' }, {}, ragged),
    fragments: ragged,
    buffers: {},
  });
  return {
    parameters: linearParameters(input, dimension),
    buffers: {},
    inputs: (name): Inputs<Spec> => ({
      x: { shape: [rowsOf(name), input], dtype: 'float32' },
      layout: raggedSpecs(name, widths, 'sequence'),
    }),
    encode: (params, _, batch, count) => {
      const { x, layout } = batch as Inputs<Tensor>;
      return encoded(fragments(params, { rows: x, layout: layoutFrom(layout, count) }));
    },
    exported: {
      inputs: {
        x: { shape: ['count', longest, input], dtype: 'float32' },
        lengths: { shape: ['count'], dtype: 'int32' },
      },
      encode: (params, _, batch) => {
        const { x, lengths } = batch as Record<string, Tensor>;
        return encoded(fragments(params, paddedLayout(x, lengths).ragged));
      },
    },
  };
}
