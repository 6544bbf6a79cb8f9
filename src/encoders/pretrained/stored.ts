/** @file The seam of pretrained towers: the encoder's own vector of each item below, projection or head above. */
import { l2Normalize } from '../../graph/ops/reduce.ts';
import { reshape } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import { dropout } from '../../nn/dropout.ts';
import { type Linear, linear } from '../../nn/linear.ts';
import { fullRagged } from '../../nn/ragged.ts';
import type { StoredForm } from '../stored.ts';
import { dropOf, type Tower } from '../tower.ts';
import type { PretrainedEncoder } from './encoder.ts';
import { type SequencePooling, takesRow } from './pooling.ts';

type Encoder = Pick<PretrainedEncoder<never>, 'width' | 'pooling' | 'projection'>;

/**
 * The seam below the projection: `below` picks or averages finished rows, `above` maps them.
 *
 * @param bare tower of the same encoder and pooling without a projection of its own
 * @param pooling that of the encoder unless given
 * @returns undefined for poolings that read projected rows, such as the learnt one
 */
export function projectedForm(
  encoder: Encoder,
  bare: (pooling: SequencePooling) => Tower,
  options: { readonly side: 'image' | 'text'; readonly pooling: SequencePooling | undefined; readonly dropout: number },
): StoredForm | undefined {
  const { side, pooling = encoder.pooling, dropout: rate } = options;
  if (!takesRow(pooling) && pooling.kind !== 'mean') return undefined;
  const below = bare(pooling);
  return {
    width: encoder.projection?.dimension ?? encoder.width,
    below: (params, _, batch, count) => bareVectors(below, params, batch, count),
    above: (params, _, vectors, mode) => {
      const { projection } = params.head as { readonly projection?: Linear<Tensor> };
      const projected = projection ? linear(projection, vectors) : vectors;
      const pooled = dropout(projected, dropOf(mode, rate), `${side}.pooled`);
      const [items, dimension] = pooled.shape;
      return { pooled, fragments: fullRagged(reshape(pooled, [items, 1, dimension])), buffers: {} };
    },
  };
}

/**
 * The seam below a head on one vector of unit length.
 *
 * @param bare tower of the encoder alone
 * @param head tower of the same head over stored vectors
 */
export function headedForm(encoder: Encoder, bare: Tower, head: Tower): StoredForm {
  return {
    width: encoder.projection?.dimension ?? encoder.width,
    below: (params, _, batch, count) => l2Normalize(bareVectors(bare, params, batch, count)),
    above: (params, buffers, vectors, mode) => head.encode(params, buffers, { vectors }, vectors.shape[0], mode),
  };
}

function bareVectors(
  bare: Tower,
  { encoder }: Tree<Tensor>,
  batch: Tree<Tensor>,
  count: Parameters<StoredForm['below']>[3],
) {
  return bare.encode({ encoder, head: { pooling: {} } }, {}, batch, count, { training: false }).pooled;
}
