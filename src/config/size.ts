/** @file Sizes as people write them: `2GiB`, `512 MiB`, `1000000`. */
import { z } from 'zod';

const units = { '': 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
const written = /^(\d+(?:\.\d+)?) ?(|B|KiB|MiB|GiB|TiB)$/;

/** A number of bytes, with a unit. */
export const size = z.string().regex(written, 'a number with B, KiB, MiB, GiB or TiB, such as 2GiB');

/** The bytes that a size means. */
export function bytesIn(text: string): number {
  const [, amount, unit] = written.exec(text)!;
  return Math.round(Number(amount) * units[unit as keyof typeof units]);
}
