/** @file Edge weights across modalities: what a tiny perceptron makes of the best matches, added to the mean of all. */
import { add, relu } from '../../graph/ops/elementwise.ts';
import { reshape } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { draw, fromArray, type Initialiser, uniformWithin } from '../../nn/initialisers.ts';
import { type Linear, linear, linearParameters } from '../../nn/linear.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { Random } from '../../random/random.ts';

/** Linear(K -> K), ReLU, Linear(K -> 1): K² + 2 K + 1 parameters, 121 for K = 10. */
export type EdgeMlp<L> = { readonly hidden: Linear<L>; readonly output: Linear<L> };

/** One perceptron for each direction. */
export type EdgeMlps<L> = { readonly imageToText: EdgeMlp<L>; readonly textToImage: EdgeMlp<L> };

/**
 * Both perceptrons start with the same numbers and then go apart (official code): uniform in ±1/sqrt(K), PyTorch's default. The
 * numbers are those of every run, as a copy of a parameter cannot follow from the seed.
 *
 * @param best K
 */
export function edgeMlpParameters(best: number): EdgeMlps<ParameterSpec> {
  const first = (name: string, shape: readonly number[]): Initialiser =>
    fromArray(draw(uniformWithin(1 / Math.sqrt(best)), shape, new Random('hrem edges', name)));
  const mlp = (): EdgeMlp<ParameterSpec> => ({
    hidden: linearParameters(best, best, first('hidden weight', [best, best]), first('hidden bias', [best])),
    output: linearParameters(best, 1, first('output weight', [1, best]), first('output bias', [1])),
  });
  return { imageToText: mlp(), textToImage: mlp() };
}

/**
 *     E = MLP(q) + P                            HREM "E_IT", "E_TI"
 *
 * @param best q [B, B, K]
 * @param mean P [B, B]
 * @returns [B, B]
 */
export function learnedEdges({ hidden, output }: EdgeMlp<Tensor>, best: Tensor, mean: Tensor): Tensor {
  return add(reshape(linear(output, relu(linear(hidden, best))), mean.shape), mean);
}
