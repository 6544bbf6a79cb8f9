/** @file Momentum copies of parameters (MoCo): they follow slowly, and encode what the queues hold. */
import { add, multiply, stopGradient } from '../../graph/ops/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { mapTree, type Tree, zipTrees } from '../../graph/tree.ts';
import { zeros } from '../../nn/initialisers.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';

/** θ_k ← m θ_k + (1 - m) θ_q, without gradient: keys that are encoded with it send none back to θ_q. */
export function follow<P extends Tree<Tensor>>(keys: P, queries: Tree<Tensor>, momentum: number): P {
  return zipTrees(keys, [queries], ([key, query]: Tensor[]) =>
    stopGradient(add(multiply(key, momentum), multiply(query, 1 - momentum))),
  ) as P;
}

/** Memory for copies of parameters. Their first values are those of the parameters themselves: see `beginCopies`. */
export function copySpecs<P extends Tree<ParameterSpec>>(parameters: P): P {
  return mapTree(parameters, (spec: ParameterSpec) => ({ ...spec, init: zeros })) as unknown as P;
}
