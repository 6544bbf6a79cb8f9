/** @file Choices of chance. */
import type { Random } from '../random/random.ts';

/** One of several, evenly. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(items.length)];
}

export function chance(random: Random, probability: number): boolean {
  return random.uniform() < probability;
}
