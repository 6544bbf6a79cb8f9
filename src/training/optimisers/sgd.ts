/** @file Stochastic gradient descent with momentum. */
import { add, multiply, subtract } from '../../graph/ops/elementwise.ts';
import type { Rule } from './rule.ts';

export interface SgdOptions {
  /** Share of the last step that is kept; 0 keeps no moments. */
  readonly momentum?: number;
  /** Looks one step of the momentum ahead. */
  readonly nesterov?: boolean;
  /** Added to the gradient: g ← g + decay p; 0 unless given. */
  readonly weightDecay?: number;
}

/**
 *     m ← μ m + g        p ← p - rate m        Nesterov: p ← p - rate (g + μ m)
 */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Rule {
  return {
    moments: momentum === 0 ? [] : ['first'],
    prepare: ({ learningRate, clip }) =>
      function moveBySgd({ parameter, gradient, moments, factor, decays }) {
        const clipped = clip ? multiply(gradient, clip) : gradient;
        const g = decays && weightDecay !== 0 ? add(clipped, multiply(parameter, weightDecay)) : clipped;
        const first = momentum === 0 ? g : add(multiply(moments.first, momentum), g);
        const direction = nesterov ? add(g, multiply(first, momentum)) : first;
        return {
          parameter: subtract(parameter, multiply(direction, multiply(learningRate, factor))),
          moments: momentum === 0 ? {} : { first },
        };
      },
  };
}
