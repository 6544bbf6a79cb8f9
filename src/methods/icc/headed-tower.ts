/** @file A tower with a cross-modal head: one map without bias from its output to the shared space (CLIP, SLIP). */
import { storable, storedFormOf } from '../../encoders/stored.ts';
import type { Encoded, Tower } from '../../encoders/tower.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import { xavierUniform } from '../../nn/initialisers.ts';
import { linear } from '../../nn/linear.ts';
import { type ParameterSpec, parameter } from '../../nn/parameters.ts';

type Parameters<L> = { readonly base: Tree<L>; readonly head: { readonly weight: L } };

/** What a tower with a head encodes. */
interface Headed extends Encoded {
  /** [count, width]: the tower's output, before the head. */
  readonly output: Tensor;
}

/**
 *     v = norm( W x ),   x: output of the base tower
 *
 * @param width of the base tower's output
 * @param dimension of the shared space
 */
export function headedTower(base: Tower, width: number, dimension: number): Tower {
  const parameters: Parameters<ParameterSpec> = {
    base: base.parameters,
    head: { weight: parameter([dimension, width], xavierUniform()) },
  };
  const headed: Tower = {
    parameters,
    buffers: base.buffers,
    inputs: (name) => base.inputs(name),
    encode: (params, buffers, batch, count, mode): Headed => {
      const { base: inner, head } = params as Parameters<Tensor>;
      return through(head, base.encode(inner, buffers, batch, count, mode));
    },
    exported: {
      inputs: base.exported.inputs,
      ...(base.exported.frozen && { frozen: base.exported.frozen }),
      encode: (params, buffers, batch, frozen) => {
        const { base: inner, head } = params as Parameters<Tensor>;
        return through(head, base.exported.encode(inner, buffers, batch, frozen));
      },
    },
  };
  const form = storedFormOf(base);
  if (!form) return headed;
  return storable(headed, {
    width: form.width,
    below: (params, buffers, batch, count) => form.below((params as Parameters<Tensor>).base, buffers, batch, count),
    above: (params, buffers, vectors, mode) => {
      const { base: inner, head } = params as Parameters<Tensor>;
      return through(head, form.above(inner, buffers, vectors, mode));
    },
  });
}

function through(head: Parameters<Tensor>['head'], encoded: Encoded): Headed {
  return { ...encoded, pooled: linear(head, encoded.pooled), output: encoded.pooled };
}

/** What uni-modal heads read: the output of a tower below its cross-modal head, or the pooled vector where it has none. */
export function outputOf(encoded: Encoded): Tensor {
  return (encoded as Partial<Headed>).output ?? encoded.pooled;
}
