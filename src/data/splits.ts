/** @file Splits: the names that files give them, and splits by hash of the image id. */
import { DiptychError } from '../errors/error.ts';
import { Random } from '../random/random.ts';
import type { ImageRecord, Split } from './dataset.ts';

/** Splits drawn from a seed: an image's split depends on seed, fractions and its own id alone. */
export interface HashSplit {
  readonly seed: number;
  /** Shares, each at least 0, together 1. */
  readonly fractions: { readonly train: number; readonly val: number; readonly test: number };
}

const names: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
  testall: 'test',
  restval: 'restval',
  all: 'all',
};

/** The split of a name as files have it (`dev`, `validation`, `testall` …), or undefined if it names none. */
export function splitNamed(name: string): Split | undefined {
  const key = name.trim().toLowerCase();
  return Object.hasOwn(names, key) ? names[key] : undefined;
}

/**
 * The split of one image. Equal id and seed give the same split for ever, whatever else the data set holds; growing
 * `val` and `test` at the cost of `train` moves images out of `train` only.
 *
 * @throws DIPTYCH_DATA_SPLIT
 */
export function splitOf(id: string, { seed, fractions }: HashSplit): 'train' | 'val' | 'test' {
  const { train, val, test } = fractions;
  if (![train, val, test].every((share) => share >= 0) || Math.abs(train + val + test - 1) > 1e-9) {
    throw new DiptychError('DIPTYCH_DATA_SPLIT', { reason: `fractions ${train}, ${val} and ${test}` });
  }
  const draw = new Random(seed, 'split', id).uniform();
  // Test from below, validation from above: each keeps its images when the other grows.
  if (draw < test) return 'test';
  return draw >= 1 - val ? 'val' : 'train';
}

/** The same images, split by hash. */
export function splitByHash(images: readonly ImageRecord[], split: HashSplit): ImageRecord[] {
  return images.map((image) => ({ ...image, split: splitOf(image.id, split) }));
}
