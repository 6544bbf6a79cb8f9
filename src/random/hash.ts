/** @file Random numbers as a function of (key, position): no hidden state, so any position can be drawn again. */

/** Mixes 32 bits so that each input bit changes about half of the output bits (the finaliser of MurmurHash3). */
export function mix(bits: number): number {
  let x = bits | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Folds parts (seed, purpose, step …) into one 32-bit key. Order matters; strings are read as UTF-16 units. */
export function keyOf(...parts: readonly (number | string)[]): number {
  let key = 0x9e3779b9;
  for (const part of parts) {
    if (typeof part === 'string') {
      for (let i = 0; i < part.length; i++) key = mix(key ^ part.charCodeAt(i)) + 0x9e3779b9;
      key = mix(key ^ part.length ^ 0x5bd1e995);
    } else {
      key = mix(key ^ mix(part % 4294967296)) + mix(Math.floor(part / 4294967296) + 1);
    }
    key = mix(key);
  }
  return key >>> 0;
}

/** The 32 random bits at a position of the stream of a key. */
export function bitsAt(key: number, position: number): number {
  return mix(mix(position ^ key) + key);
}
