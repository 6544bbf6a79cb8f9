/** @file What a model that scores at random would reach: the level every recall must be read against. */
import type { Relation } from './relation.ts';

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

/** Chance level of a gallery: the images of a split, or of one fold of it. */
export function chanceOf(relation: Relation, gallery: Int32Array): Chance {
  const perImage = Array.from(gallery, (image) => relation.captionsOf[image].length).filter((count) => count > 0);
  const captions = perImage.reduce((sum, count) => sum + count, 0);
  const recalls = (items: number, truths: readonly number[]) => ({
    r1: chanceRecall(1, items, truths),
    r5: chanceRecall(5, items, truths),
    r10: chanceRecall(10, items, truths),
  });
  const imageToText = recalls(captions, perImage);
  const textToImage = recalls(gallery.length, [1]);
  const sum = (of: { r1: number; r5: number; r10: number }): number => of.r1 + of.r5 + of.r10;
  return { imageToText, textToImage, rsum: sum(imageToText) + sum(textToImage) };
}
