/** @file Scores of judged pairs: finds the picture and the caption that a judgement file names. */
import { basename } from 'node:path';
import type { ScoreOfPair } from './judgements.ts';
import type { Relation } from './relation.ts';
import type { ScoreSource } from './scores.ts';

/**
 * Looks pairs up in what was evaluated, and scores them in full precision.
 *
 * A picture is named by its id or its file name. A caption is named by its id, or as `picture#k`: the k-th caption of
 * that picture, from 0.
 *
 * @param files path of each picture of the relation, where it has one
 */
export function pairScores(
  source: ScoreSource,
  relation: Relation,
  files: readonly (string | undefined)[] = [],
): ScoreOfPair {
  const images = new Map<string, number>();
  files.forEach((file, image) => {
    if (file !== undefined) images.set(basename(file), image);
  });
  relation.imageIds.forEach((id, image) => {
    images.set(id, image);
  });
  const captions = new Map(relation.captionIds.map((id, caption) => [id, caption]));
  const captionNamed = (name: string): number | undefined => {
    const known = captions.get(name);
    if (known !== undefined) return known;
    const [, picture, position] = /^(.*)#(\d+)$/s.exec(name) ?? [];
    const owner = images.get(picture);
    return owner === undefined ? undefined : relation.captionsOf[owner][Number(position)];
  };
  return (imageName, captionName) => {
    const image = images.get(imageName);
    const caption = captionNamed(captionName);
    return image === undefined || caption === undefined ? undefined : source.pair(image, caption);
  };
}
