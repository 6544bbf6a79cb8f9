/** @file A scene for tests of objectives: ragged fragments, and embeddings that are inputs of their own. */
import { constant, input } from '../../../graph/ops/leaves.ts';
import { matmul } from '../../../graph/ops/product.ts';
import { l2Normalize } from '../../../graph/ops/reduce.ts';
import { normalValue } from '../../../graph/testing/check.ts';
import type { Value } from '../../../graph/values.ts';
import type { Scene, Side } from '../../objective.ts';
import { sameImage } from '../../objectives/relation.ts';
import { regionBatch, type SideBatch, wordBatch } from './batch.ts';

/** What a scene is made of. */
export interface SceneShape {
  readonly ids: readonly number[];
  readonly regions: readonly number[];
  readonly words: readonly number[];
  /** Widths of the groups of regions (one) and of words. */
  readonly widths: { readonly regions: number; readonly words: readonly number[] };
  readonly dimension: number;
}

/** The scene, the values of its inputs (`V` and `U` are the pooled vectors, `key` the key of the step), and its two sides. */
export function sceneOf({ ids, regions, words, widths, dimension }: SceneShape) {
  const pairs = ids.length;
  const images = regionBatch('image', regions, widths.regions, dimension);
  const texts = wordBatch('text', words, widths.words, dimension);
  const side = (name: string, { fragments }: SideBatch): Side => {
    const pooled = input(name, [pairs, dimension]);
    return { pooled, embedding: l2Normalize(pooled), fragments, buffers: {} };
  };
  const [image, text] = [side('V', images), side('U', texts)];
  const imageIds = constant(ids, [pairs], 'int32');
  const scene: Scene = {
    image,
    text,
    scores: matmul(image.embedding, text.embedding, { transposeB: true }),
    imageIds,
    sameImage: sameImage(imageIds),
    pairs,
    step: constant([0], []),
    mode: { training: true, key: input('key', [], 'int32') },
    encodeWith: () => ({ image, text }),
    towers: { image: {}, text: {} },
  };
  const feeds = new Map<string, Value>([
    ...images.feeds,
    ...texts.feeds,
    ['V', normalValue([pairs, dimension], 'pooled images')],
    ['U', normalValue([pairs, dimension], 'pooled texts')],
    ['key', { shape: [], data: Float64Array.of(11) }],
  ]);
  return { scene, feeds, images, texts };
}
