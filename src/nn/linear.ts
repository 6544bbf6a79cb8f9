/** @file The linear map and the table of vectors. */
import { gather } from '../graph/ops/indexing.ts';
import { linear as product } from '../graph/ops/product.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type Initialiser, uniformWithin, xavierUniform, zeros } from './initialisers.ts';
import { type ParameterSpec, parameter } from './parameters.ts';

export type Linear<L> = { readonly weight: L; readonly bias: L };
export type Embedding<L> = { readonly weight: L };

/**
 * Parameters of a linear map.
 *
 * @param init of the weight [output, input]; Xavier uniform unless given
 * @param biasInit zero unless given
 */
export function linearParameters(
  input: number,
  output: number,
  init: Initialiser = xavierUniform(),
  biasInit: Initialiser = zeros,
): Linear<ParameterSpec> {
  return { weight: parameter([output, input], init), bias: parameter([output], biasInit) };
}

/** x Wᵀ + b over the last axis. A map without bias is given its weight alone. */
export function linear(params: { readonly weight: Tensor; readonly bias?: Tensor }, x: Tensor): Tensor {
  return product(x, params.weight, params.bias);
}

/** Parameters of a table of vectors; uniform in ±0.1 unless given. */
export function embeddingParameters(
  size: number,
  width: number,
  init: Initialiser = uniformWithin(0.1),
): Embedding<ParameterSpec> {
  return { weight: parameter([size, width], init) };
}

/** Vectors of ids: int32 [m…] to [m…, width]. */
export function embedding({ weight }: Embedding<Tensor>, ids: Tensor): Tensor {
  return gather(weight, ids);
}
