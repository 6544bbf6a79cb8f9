/** @file Four images with captions, and the whole matrix of a source of relevance, for tests. */
import { expect } from 'vitest';
import type { ImageRecord } from '../../../../data/dataset.ts';
import { captionsOf } from '../../../../data/relation.ts';
import { DiptychError } from '../../../../errors/error.ts';
import { openRelevance, type RelevanceSource } from '../open.ts';
import { batchRelevance } from '../relevance.ts';

/** Images with these captions. */
export function pictures(captions: readonly (readonly string[])[]): ImageRecord[] {
  return captions.map((texts, i) => ({
    id: `image-${i}`,
    split: 'train',
    captions: texts.map((text, c) => ({ id: `image-${i}#${c}`, text })),
    metadata: {},
  }));
}

export const photos = pictures([
  ['a dog runs', 'the brown dog runs on the beach'],
  ['a brown dog swims', 'a dog in the water'],
  ['two men play chess', 'men sit and play chess in the park', 'a game of chess'],
  ['the brown dog runs on the beach'],
]);

export const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The whole matrix of a source, as rows. */
export async function matrixOf(
  source: RelevanceSource,
  images: readonly ImageRecord[],
  all = images,
): Promise<number[][]> {
  const relevance = await openRelevance(source, { images, all });
  const captions = captionsOf(images).length;
  const everyOne = (count: number) => Int32Array.from(range(count));
  const flat = await batchRelevance(relevance, everyOne(images.length), everyOne(captions));
  await relevance.close?.();
  return images.map((_, i) => [...flat.subarray(i * captions, (i + 1) * captions)]);
}

export function expectRows(found: number[][], expected: number[][], digits = 6): void {
  expect(found.length).toBe(expected.length);
  found.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(value, `row ${i}, column ${j}`).toBeCloseTo(expected[i][j], digits);
    });
  });
}

/** The code of the error that a source is refused with. */
export const problemOf = async (source: RelevanceSource, images = photos, all = images) => {
  const error = await openRelevance(source, { images, all }).catch((e) => e);
  expect(error).toBeInstanceOf(DiptychError);
  return (error as DiptychError).code;
};
