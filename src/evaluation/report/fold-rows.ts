/** @file The numbers of each fold as rows of a table. */
import type { FoldResult } from '../result.ts';
import { count, tenth } from './numbers.ts';

export const foldHead = ['Fold', 'pictures', 'captions', 'i→t R@1', 'R@5', 'R@10', 't→i R@1', 'R@5', 'R@10', 'rSum'];

export function foldRows(folds: readonly FoldResult[]): string[][] {
  return folds.map(({ images, captions, imageToText: a, textToImage: b, rsum }, fold) => [
    `${fold + 1}`,
    count(images),
    count(captions),
    ...[a.r1, a.r5, a.r10, b.r1, b.r5, b.r10, rsum].map(tenth),
  ]);
}
