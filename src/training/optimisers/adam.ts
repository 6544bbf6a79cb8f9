/**
 * @file Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019). All that is the same for every element (clipping, bias
 * correction, learning rate) is folded into scalars first, so that few passes over the parameters remain.
 */
import { add, divide, exp, multiply, negate, sqrt, square, subtract, tanh } from '../../graph/ops/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Rule } from './rule.ts';

export interface AdamOptions {
  /** Decay of the running mean and of the running square of the gradient; 0.9 and 0.999 unless given. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the running square; 1e-8 unless given. */
  readonly epsilon?: number;
  /** Pull towards zero; 0 unless given. */
  readonly weightDecay?: number;
}

/** Adam; weight decay is added to the gradient: g ← g + decay p. */
export function adam(options: AdamOptions = {}): Rule {
  return adamRule(options, 'gradient');
}

/** AdamW; weight decay is apart from the gradient: p ← p (1 - learning rate · decay). */
export function adamW(options: AdamOptions = {}): Rule {
  return adamRule(options, 'weights');
}

/**
 * With t the number of the step from 1, and g the clipped gradient:
 *
 *     m ← β₁ m + (1 - β₁) g        v ← β₂ v + (1 - β₂) g²        b₁ = 1 - β₁ᵗ        b₂ = 1 - β₂ᵗ
 *     p ← p - rate (m / b₁) / (sqrt(v / b₂) + ε)  =  p - (rate sqrt(b₂) / b₁) m / (sqrt(v) + ε sqrt(b₂))
 */
function adamRule(options: AdamOptions, decayOf: 'gradient' | 'weights'): Rule {
  const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0 } = options;
  return {
    moments: ['first', 'second'],
    prepare: ({ learningRate, count, clip }) => {
      const [b1, root] = [oneMinusPower(betas[0], count), sqrt(oneMinusPower(betas[1], count))];
      const rate = divide(multiply(learningRate, root), b1);
      const floor = multiply(root, epsilon);
      const firstShare = multiply(clip ?? 1, 1 - betas[0]);
      const secondShare = multiply(clip ? square(clip) : 1, 1 - betas[1]);
      return function moveByAdam({ parameter, gradient, moments, factor, decays }) {
        const pull = decays ? weightDecay : 0;
        // A decay inside the gradient is not clipped: the gradient has to be scaled before it is added.
        const coupled = pull !== 0 && decayOf === 'gradient';
        const g = coupled ? add(clip ? multiply(gradient, clip) : gradient, multiply(parameter, pull)) : gradient;
        const first = add(multiply(moments.first, betas[0]), multiply(g, coupled ? 1 - betas[0] : firstShare));
        const second = add(
          multiply(moments.second, betas[1]),
          multiply(square(g), coupled ? 1 - betas[1] : secondShare),
        );
        const kept =
          pull !== 0 && decayOf === 'weights'
            ? multiply(parameter, subtract(1, multiply(learningRate, factor * pull)))
            : parameter;
        const move = divide(multiply(first, multiply(rate, factor)), add(sqrt(second), floor));
        return { parameter: subtract(kept, move), moments: { first, second } };
      };
    },
  };
}

/**
 * 1 - βᵗ without the loss of digits where βᵗ is near 1: with y = t ln β it is -(e^y - 1) = -tanh(y / 2) (1 + e^y).
 *
 * @param count t, float32 scalar; exact up to 2^24
 */
function oneMinusPower(beta: number, count: Tensor): Tensor {
  const y = multiply(count, Math.log(beta));
  return negate(multiply(tanh(multiply(y, 0.5)), add(exp(y), 1)));
}
