/**
 * @file Uniform numbers inside graphs: position -> 32 bits, mixed with a key (from seed and step) and a stream (from the place
 * in the model). The ONNX lowering computes the same integers with the same operations, so both agree to the bit.
 */
import { mix } from '../random/hash.ts';

/** Odd constants: the golden ratio in 32 bits, and the multipliers of MurmurHash3's finaliser. */
export const golden = 0x9e3779b9 | 0;
export const firstMultiplier = 0x85ebca6b | 0;
export const secondMultiplier = 0xc2b2ae35 | 0;

/** The number in [0, 1), with 24 bits, at a position of (key, stream). */
export function uniformAt(key: number, stream: number, position: number): number {
  const seed = seedOf(key, stream);
  let x = (Math.imul(position, golden) + seed) | 0;
  x = Math.imul(x ^ (x >>> 16), firstMultiplier);
  x ^= seed;
  x = Math.imul(x ^ (x >>> 13), secondMultiplier);
  x ^= x >>> 16;
  return (x >>> 8) / 16777216;
}

/** One 32-bit seed of a stream under a key. */
export function seedOf(key: number, stream: number): number {
  return mix((key ^ mix(stream)) | 0) | 0;
}
