/** @file How a parameter gets its first values: small descriptions, and one function that draws from them. */
import type { Random } from '../random/random.ts';

/**
 * A description of first values. With `in` and `out` the fans of a weight [out, in, …], sizes after the second multiplying both:
 *
 * - uniform: in [low, high); normal: with the given mean and deviation
 * - xavierUniform: in ±gain sqrt(6 / (in + out)); xavierNormal: deviation gain sqrt(2 / (in + out))
 * - kaimingUniform: in ±sqrt(6 / ((1 + slope²) in)); kaimingNormal: deviation sqrt(2 / ((1 + slope²) in))
 * - array: these numbers, row by row
 */
export type Initialiser =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'xavierUniform' | 'xavierNormal'; readonly gain: number }
  | { readonly kind: 'kaimingUniform' | 'kaimingNormal'; readonly slope: number }
  | { readonly kind: 'array'; readonly data: ArrayLike<number> };

export const zeros: Initialiser = { kind: 'constant', value: 0 };
export const ones: Initialiser = { kind: 'constant', value: 1 };

/** Every element the same. */
export function filled(value: number): Initialiser {
  return { kind: 'constant', value };
}

/** Uniform in [-bound, bound). */
export function uniformWithin(bound: number): Initialiser {
  return { kind: 'uniform', low: -bound, high: bound };
}

export function normal(deviation: number, mean = 0): Initialiser {
  return { kind: 'normal', mean, deviation };
}

/** Glorot and Bengio 2010, eq. 16. */
export function xavierUniform(gain = 1): Initialiser {
  return { kind: 'xavierUniform', gain };
}

export function xavierNormal(gain = 1): Initialiser {
  return { kind: 'xavierNormal', gain };
}

/**
 * He et al. 2015, eq. 15.
 *
 * @param slope of the leaky ReLU that follows; sqrt(5) gives ±1/sqrt(in), PyTorch's default for linear layers
 */
export function kaimingUniform(slope = 0): Initialiser {
  return { kind: 'kaimingUniform', slope };
}

export function kaimingNormal(slope = 0): Initialiser {
  return { kind: 'kaimingNormal', slope };
}

/** Given numbers, row by row. */
export function fromArray(data: ArrayLike<number>): Initialiser {
  return { kind: 'array', data };
}

/**
 * First values of a parameter.
 *
 * @param random where the numbers are drawn from; not read by constants and arrays
 * @throws RangeError if a given array has another number of elements
 */
export function draw(initialiser: Initialiser, shape: readonly number[], random: Random): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const uniform = (low: number, high: number) =>
    Float32Array.from({ length: count }, () => low + (high - low) * random.uniform());
  const gaussian = (deviation: number, mean = 0) =>
    Float32Array.from({ length: count }, () => mean + deviation * random.normal());
  const { fanIn, fanOut } = fans(shape);
  switch (initialiser.kind) {
    case 'constant':
      return new Float32Array(count).fill(initialiser.value);
    case 'uniform':
      return uniform(initialiser.low, initialiser.high);
    case 'normal':
      return gaussian(initialiser.deviation, initialiser.mean);
    case 'xavierUniform': {
      const bound = initialiser.gain * Math.sqrt(6 / (fanIn + fanOut));
      return uniform(-bound, bound);
    }
    case 'xavierNormal':
      return gaussian(initialiser.gain * Math.sqrt(2 / (fanIn + fanOut)));
    case 'kaimingUniform': {
      const bound = Math.sqrt(6 / ((1 + initialiser.slope ** 2) * fanIn));
      return uniform(-bound, bound);
    }
    case 'kaimingNormal':
      return gaussian(Math.sqrt(2 / ((1 + initialiser.slope ** 2) * fanIn)));
    case 'array':
      if (initialiser.data.length !== count)
        throw new RangeError(`${initialiser.data.length} numbers for a parameter of shape [${shape}]`);
      return Float32Array.from(initialiser.data);
  }
}

/** Numbers summed into one output, and outputs fed by one input, of a weight [out, in, …]. */
function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const [out = 1, input = out, ...field] = shape;
  const area = field.reduce((product, size) => product * size, 1);
  return { fanIn: input * area, fanOut: out * area };
}
