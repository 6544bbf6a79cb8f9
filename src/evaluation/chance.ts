/** @file What a model that scores at random would reach: the level every recall must be read against. */
import { meanOver } from './metrics.ts';
import type { Ranks } from './ranks.ts';

/** Expected recalls of random scores, in percent. */
export interface Chance {
  readonly imageToText: { readonly r1: number; readonly r5: number; readonly r10: number };
  readonly textToImage: { readonly r1: number; readonly r5: number; readonly r10: number };
  readonly rsum: number;
}

/**
 * Expected R@K of random scores. Of M gallery items, C true ones: P(none of the first K is true) =
 * prod_{k<K} (M - C - k) / (M - k).
 *
 * @param gallery items in the gallery, M
 * @param truths true items of each query, C
 */
export function chanceRecall(k: number, gallery: number, truths: readonly number[]): number {
  const hit = (truth: number): number => {
    let miss = 1;
    for (let drawn = 0; drawn < Math.min(k, gallery); drawn++) {
      miss *= Math.max(0, gallery - truth - drawn) / (gallery - drawn);
    }
    return 1 - miss;
  };
  return (100 * truths.reduce((sum, truth) => sum + hit(truth), 0)) / truths.length;
}

/** Chance level of both directions at one K, over the gallery that was ranked. */
export function chanceAt(
  k: number,
  { gallery, imageToText, textToImage }: Ranks,
): { readonly imageToText: number; readonly textToImage: number } {
  const captions = new Map<number, number>();
  for (const image of textToImage.images) captions.set(image, (captions.get(image) ?? 0) + 1);
  const truths = Array.from(imageToText.queries, (image) => captions.get(image)!);
  return {
    imageToText: chanceRecall(k, textToImage.queries.length, truths),
    textToImage: chanceRecall(k, gallery.length, [1]),
  };
}

/** Chance level, mean over folds. */
export function chanceOf(folds: readonly Ranks[]): Chance {
  const recalls = (direction: 'imageToText' | 'textToImage') => {
    const at = (k: number): number => meanOver(folds, (ranks) => chanceAt(k, ranks)[direction]);
    return { r1: at(1), r5: at(5), r10: at(10) };
  };
  const sum = ({ r1, r5, r10 }: { r1: number; r5: number; r10: number }): number => r1 + r5 + r10;
  const [imageToText, textToImage] = [recalls('imageToText'), recalls('textToImage')];
  return { imageToText, textToImage, rsum: sum(imageToText) + sum(textToImage) };
}
