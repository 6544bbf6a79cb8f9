/** @file The factor on the scores of softmax and sigmoid losses: 1 / temperature, learnt on a logarithmic scale or fixed. */
import { exp, minimum } from '../../graph/ops/elementwise.ts';
import type { Operand } from '../../graph/ops/leaves.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { filled } from '../../nn/initialisers.ts';
import { type ParameterSpec, parameter } from '../../nn/parameters.ts';

/** Largest factor that is learnt, as in CLIP: a temperature of 0.01. */
const largest = 100;

/** The parameter log(1 / temperature), a scalar. */
export function logScaleParameter(temperature: number): ParameterSpec {
  return parameter([], filled(Math.log(1 / temperature)));
}

/** min(e^logScale, 100): the factor of a learnt temperature. Beyond the limit no gradient flows. */
export function learnedScale(logScale: Tensor): Tensor {
  return minimum(exp(logScale), largest);
}

/** The factor of a fixed temperature. */
export function fixedScale(temperature: number): Operand {
  return 1 / temperature;
}
