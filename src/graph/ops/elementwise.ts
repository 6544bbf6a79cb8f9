/** @file Elementwise functions, with NumPy's broadcasting. */
import { applyOne } from '../apply.ts';
import type { DType } from '../attributes.ts';
import type { Tensor } from '../tensor.ts';
import { type Operand, tensorOf } from './leaves.ts';

const binary = (
  op: 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum' | 'equal' | 'greater' | 'greaterOrEqual',
  a: Operand,
  b: Operand,
) => applyOne(op, [tensorOf(a, b), tensorOf(b, a)], {});

/** a + b. */
export function add(a: Operand, b: Operand): Tensor {
  return binary('add', a, b);
}

/** a - b. */
export function subtract(a: Operand, b: Operand): Tensor {
  return binary('subtract', a, b);
}

/** a * b, elementwise. */
export function multiply(a: Operand, b: Operand): Tensor {
  return binary('multiply', a, b);
}

/** a / b, elementwise. */
export function divide(a: Operand, b: Operand): Tensor {
  return binary('divide', a, b);
}

/** The larger of a and b. Where they are equal, the gradient goes to a. */
export function maximum(a: Operand, b: Operand): Tensor {
  return binary('maximum', a, b);
}

/** The smaller of a and b. Where they are equal, the gradient goes to a. */
export function minimum(a: Operand, b: Operand): Tensor {
  return binary('minimum', a, b);
}

/** a = b, as booleans. */
export function equal(a: Operand, b: Operand): Tensor {
  return binary('equal', a, b);
}

/** a > b, as booleans. */
export function greater(a: Operand, b: Operand): Tensor {
  return binary('greater', a, b);
}

/** a >= b, as booleans. */
export function greaterOrEqual(a: Operand, b: Operand): Tensor {
  return binary('greaterOrEqual', a, b);
}

/** a < b, as booleans. */
export function less(a: Operand, b: Operand): Tensor {
  return binary('greater', b, a);
}

/** Both. */
export function and(a: Tensor, b: Tensor): Tensor {
  return applyOne('and', [a, b], {});
}

/** Either. */
export function or(a: Tensor, b: Tensor): Tensor {
  return applyOne('or', [a, b], {});
}

/** Neither true nor kept: the opposite. */
export function not(x: Tensor): Tensor {
  return applyOne('not', [x], {});
}

/** `a` where the condition holds, `b` elsewhere. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return applyOne('where', [condition, tensorOf(a, b), tensorOf(b, a)], {});
}

/** -x. */
export function negate(x: Tensor): Tensor {
  return applyOne('negate', [x], {});
}

/** |x|. */
export function absolute(x: Tensor): Tensor {
  return applyOne('absolute', [x], {});
}

/** -1, 0 or 1. Its gradient is zero. */
export function sign(x: Tensor): Tensor {
  return applyOne('sign', [x], {});
}

/** e^x. */
export function exp(x: Tensor): Tensor {
  return applyOne('exp', [x], {});
}

/** Natural logarithm. */
export function log(x: Tensor): Tensor {
  return applyOne('log', [x], {});
}

/** Square root. Its gradient at 0 is taken as 0, so that distances of equal points do not make NaN. */
export function sqrt(x: Tensor): Tensor {
  return applyOne('sqrt', [x], {});
}

/** x * x. */
export function square(x: Tensor): Tensor {
  return multiply(x, x);
}

/** The largest integer not above x. Its gradient is zero. */
export function floor(x: Tensor): Tensor {
  return applyOne('floor', [x], {});
}

/** Sine. */
export function sin(x: Tensor): Tensor {
  return applyOne('sin', [x], {});
}

/** Cosine. */
export function cos(x: Tensor): Tensor {
  return applyOne('cos', [x], {});
}

/** Hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return applyOne('tanh', [x], {});
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: Tensor): Tensor {
  return applyOne('sigmoid', [x], {});
}

/** max(x, 0). */
export function relu(x: Tensor): Tensor {
  return applyOne('relu', [x], {});
}

/** x where positive, slope * x elsewhere. */
export function leakyRelu(x: Tensor, slope: number): Tensor {
  return where(greater(x, 0), x, multiply(x, slope));
}

/** log(1 + e^x). */
export function softplus(x: Tensor): Tensor {
  return applyOne('softplus', [x], {});
}

/** Error function. */
export function erf(x: Tensor): Tensor {
  return applyOne('erf', [x], {});
}

/** x Phi(x), with Phi the distribution function of the standard normal. */
export function gelu(x: Tensor): Tensor {
  return multiply(multiply(x, 0.5), add(erf(multiply(x, Math.SQRT1_2)), 1));
}

/** x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))). */
export function geluTanh(x: Tensor): Tensor {
  const inner = multiply(add(x, multiply(multiply(square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return multiply(multiply(x, 0.5), add(tanh(inner), 1));
}

/** x sigmoid(1.702 x), CLIP's activation. */
export function quickGelu(x: Tensor): Tensor {
  return multiply(x, sigmoid(multiply(x, 1.702)));
}

/** The same numbers in another element type. Gradients pass between floats only. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return applyOne('cast', [x], { dtype });
}

/** The same values; no gradient passes. */
export function stopGradient(x: Tensor): Tensor {
  return applyOne('stopGradient', [x], {});
}
