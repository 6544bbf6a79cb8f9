/** @file Made-up embeddings with a known relation: captions are their image's vector plus noise. */
import { type Relation, relationOf } from '../evaluation/relation.ts';
import type { Embeddings } from '../evaluation/scores.ts';
import { Random } from '../random/random.ts';

/** What `madeUp` makes. */
export interface MadeUp {
  readonly relation: Relation;
  readonly embeddings: Embeddings;
}

/**
 * @param captionCounts captions of each image
 * @param noise standard deviation of what is added to an image's normal vector to make a caption's; 0 = perfect
 * @param levels rounds every number to a multiple of 1 / levels, so that ties occur; exact unless given
 */
export function madeUp(
  captionCounts: readonly number[],
  dimension: number,
  noise: number,
  seed: number,
  levels?: number,
): MadeUp {
  const random = new Random(seed, 'made-up embeddings');
  const rounded = (value: number): number => (levels === undefined ? value : Math.round(value * levels) / levels);
  const relation = relationOf(
    captionCounts.map((count, image) => ({
      id: `image-${image}`,
      captions: Array.from({ length: count }, (_, caption) => ({ id: `image-${image}#${caption}` })),
    })),
  );
  const images = Float32Array.from({ length: captionCounts.length * dimension }, () => rounded(random.normal()));
  const captions = Float32Array.from({ length: relation.captionIds.length * dimension }, (_, position) => {
    const image = relation.imageOf[Math.floor(position / dimension)];
    return rounded(images[image * dimension + (position % dimension)] + noise * random.normal());
  });
  return { relation, embeddings: { images, captions, dimension } };
}
