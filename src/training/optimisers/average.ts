/** @file An exponential moving average of the weights, to evaluate and export in their place. */
import { add, multiply } from '../../graph/ops/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type Tree, zipTrees } from '../../graph/tree.ts';

/**
 * average ← decay · average + (1 - decay) · weights, for every parameter. The average begins as a copy of the weights.
 *
 * @param params after the step
 * @param decay in [0, 1)
 */
export function averageWeights<P extends Tree<Tensor>>(average: P, params: P, decay: number): P {
  return zipTrees(average, [params], ([old, now]: Tensor[]) =>
    add(multiply(old, decay), multiply(now, 1 - decay)),
  ) as P;
}
