/** @file What can be told from the captions: how many, how long, and which ones several images share. */
import type { ImageRecord, Split } from '../dataset.ts';
import { captionsOf } from '../relation.ts';
import { words } from '../tokens/words.ts';
import { distributionOf } from './distribution.ts';
import type { CheckReport, SharedCaption, SplitCount } from './report.ts';

/** How many ids of the images that share a caption are listed. */
const LISTED_IDS = 5;

export function checkCaptions(
  images: readonly ImageRecord[],
): Pick<CheckReport, 'splits' | 'captionsPerImage' | 'wordsPerCaption' | 'sharedCaptions'> {
  return {
    splits: countSplits(images),
    captionsPerImage: distributionOf(images.map(({ captions }) => captions.length)),
    wordsPerCaption: distributionOf(captionsOf(images).map(({ text }) => words(text).length)),
    sharedCaptions: sharedCaptions(images),
  };
}

function countSplits(images: readonly ImageRecord[]): SplitCount[] {
  const counts = new Map<Split, { images: number; captions: number }>();
  for (const { split, captions } of images) {
    const count = counts.get(split) ?? { images: 0, captions: 0 };
    counts.set(split, { images: count.images + 1, captions: count.captions + captions.length });
  }
  return [...counts].map(([split, count]) => ({ split, ...count }));
}

/** Such captions tell nothing of their image, and in evaluation make a hit look like a miss. */
function sharedCaptions(images: readonly ImageRecord[]): SharedCaption[] {
  const owners = new Map<string, { text: string; ids: Set<string> }>();
  for (const { id, captions } of images) {
    for (const { text } of captions) {
      const key = text.toLowerCase().replace(/\s+/gu, ' ');
      const known = owners.get(key);
      if (known === undefined) owners.set(key, { text, ids: new Set([id]) });
      else known.ids.add(id);
    }
  }
  return [...owners.values()]
    .filter(({ ids }) => ids.size > 1)
    .sort((a, b) => b.ids.size - a.ids.size)
    .map(({ text, ids }) => ({ text, images: ids.size, ids: [...ids].slice(0, LISTED_IDS) }));
}
