/** @file Half-precision numbers (IEEE 754 binary16) as 16-bit patterns, to and from float32. */

const floats = new Float32Array(1);
const patterns = new Uint32Array(floats.buffer);

/**
 * Float32 to half precision, rounded to nearest even. Values from 65520 on become infinity, NaN stays NaN.
 *
 * @returns one 16-bit pattern for each number
 */
export function toFloat16(values: Float32Array): Uint16Array {
  const halves = new Uint16Array(values.length);
  const source = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < halves.length; i++) halves[i] = halfOf(source[i]);
  return halves;
}

/**
 * Half precision to float32, exactly.
 *
 * @param halves 16-bit patterns
 * @param out where to write; a new array unless given
 */
export function fromFloat16(halves: Uint16Array, out: Float32Array = new Float32Array(halves.length)): Float32Array {
  table ??= singleTable();
  for (let i = 0; i < halves.length; i++) out[i] = table[halves[i]];
  return out;
}

function halfOf(pattern: number): number {
  const sign = (pattern >>> 16) & 0x8000;
  const magnitude = pattern & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below 2^-14 halves are multiples of 2^-24, which is the spacing of float32 at 1/2: adding 1/2 rounds to them.
    patterns[0] = magnitude;
    floats[0] += 0.5;
    return sign | (patterns[0] - 0x3f000000);
  }
  // Rebias the exponent from 127 to 15, then round off 13 bits; a carry runs into the exponent, at last to infinity.
  const rebiased = magnitude - 0x38000000;
  return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
}

/** The float32 of every 16-bit pattern: 256 KiB, made when first needed. */
let table: Float32Array | undefined;

function singleTable(): Float32Array {
  const singles = new Float32Array(65536);
  for (let half = 0; half < 65536; half++) {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0x1f) singles[half] = fraction === 0 ? sign * Infinity : NaN;
    else if (exponent === 0) singles[half] = sign * fraction * 2 ** -24;
    else singles[half] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return singles;
}
