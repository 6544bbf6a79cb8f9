/** @file A stream of random numbers whose whole state is (key, position), so that it can be saved, resumed and replayed. */
import { bitsAt, keyOf } from './hash.ts';

export class Random {
  readonly key: number;
  position: number;

  /** @param parts seed, purpose, step …: equal parts give equal streams */
  constructor(...parts: readonly (number | string)[]) {
    this.key = keyOf(...parts);
    this.position = 0;
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    return bitsAt(this.key, this.position++);
  }

  /** Uniform in [0, 1), with 53 bits. */
  uniform(): number {
    return ((this.bits() >>> 5) * 67108864 + (this.bits() >>> 6)) / 9007199254740992;
  }

  /** Uniform integer in [0, n), without modulo bias for n below 2^53. */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<A extends { length: number; [i: number]: unknown }>(items: A): A {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }
}
