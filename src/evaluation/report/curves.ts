/** @file Recall over K, and how ranks are spread: the numbers behind the plots. */
import { chanceAt } from '../chance.ts';
import { meanOver, recallAt, type TieRule } from '../metrics.ts';
import type { DirectionRanks, Ranks } from '../ranks.ts';

/** Recall in percent at each K, mean over folds. */
export interface RecallCurves {
  readonly k: readonly number[];
  readonly imageToText: readonly number[];
  readonly textToImage: readonly number[];
  /** Of random scores, mean of both directions. */
  readonly chance: readonly number[];
}

/** Share of the queries, in percent, whose rank (from 1) lies within each bin. */
export interface RankHistogram {
  readonly bins: readonly (readonly [from: number, to: number])[];
  readonly imageToText: readonly number[];
  readonly textToImage: readonly number[];
}

/** Every K to 10, then about twelve a decade, as far as the smaller gallery and 1,000 reach. */
export function recallCurves(folds: readonly Ranks[], rule: TieRule): RecallCurves {
  const smaller = Math.min(
    ...folds.map(({ gallery, textToImage }) => Math.min(gallery.length, textToImage.queries.length)),
  );
  const last = Math.min(1000, smaller);
  const spaced = Array.from({ length: 25 }, (_, step) => Math.round(10 * 10 ** (step / 12)));
  const k = [1, 2, 3, 4, 5, 6, 7, 8, 9, ...spaced].filter((value) => value < last).concat(last);
  const curve = (name: 'imageToText' | 'textToImage') =>
    k.map((at) => meanOver(folds, (ranks) => recallAt(at, ranks[name][rule])));
  const chance = (at: number, ranks: Ranks): number => {
    const { imageToText, textToImage } = chanceAt(at, ranks);
    return (imageToText + textToImage) / 2;
  };
  return {
    k,
    imageToText: curve('imageToText'),
    textToImage: curve('textToImage'),
    chance: k.map((at) => meanOver(folds, (ranks) => chance(at, ranks))),
  };
}

/** Bins 1, 2, 3-5, 6-10, 11-20, 21-50 … to the largest rank; queries of all folds together. */
export function rankHistogram(folds: readonly Ranks[], rule: TieRule): RankHistogram {
  const ranksOf = (name: 'imageToText' | 'textToImage') =>
    folds.flatMap((fold) => Array.from((fold[name] satisfies DirectionRanks)[rule], (rank) => rank + 1));
  const imageToText = ranksOf('imageToText');
  const textToImage = ranksOf('textToImage');
  const largest = [imageToText, textToImage].flat().reduce((a, b) => Math.max(a, b));
  const bins: [number, number][] = [[1, 1]];
  while (bins.at(-1)![1] < largest) {
    const from = bins.at(-1)![1] + 1;
    bins.push([from, nextEdge(from)]);
  }
  const shares = (ranks: readonly number[]) =>
    bins.map(([from, to]) => (100 * ranks.filter((rank) => rank >= from && rank <= to).length) / ranks.length);
  return { bins, imageToText: shares(imageToText), textToImage: shares(textToImage) };
}

/** The least of 1, 2, 5, 10, 20, 50 … that is not below a value. */
function nextEdge(value: number): number {
  for (let decade = 1; ; decade *= 10) {
    for (const step of [1, 2, 5]) if (step * decade >= value) return step * decade;
  }
}
