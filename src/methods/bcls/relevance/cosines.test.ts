import { describe, expect, test } from 'vitest';
import { captionsOf } from '../../../data/relation.ts';
import { relationOf } from '../../../evaluation/relation.ts';
import { Random } from '../../../random/random.ts';
import { cosineRelevance, imageCosineRelevance } from './cosines.ts';
import { type Aggregate, batchRelevance } from './relevance.ts';
import { photos, range } from './testing/photos.ts';

describe('products of sentence vectors by ONNX Runtime', () => {
  const width = 7;
  const random = new Random('products');
  const count = captionsOf(photos).length;
  const data = Float32Array.from({ length: count * width }, () => random.normal());
  const { captionsOf: own, imageOf } = relationOf(photos);
  const unit = (caption: number) => {
    const x = [...data.subarray(caption * width, (caption + 1) * width)];
    return x.map((value) => value / Math.hypot(...x));
  };
  const plain = (image: number, caption: number, aggregate: Aggregate) => {
    if (imageOf[caption] === image) return 1;
    const y = unit(caption);
    const cosines = Array.from(own[image], (p) => unit(p).reduce((sum, x, k) => sum + x * y[k], 0));
    return aggregate === 'max' ? Math.max(...cosines) : cosines.reduce((a, b) => a + b) / cosines.length;
  };

  test.each<Aggregate>(['max', 'mean'])('are those of loops in any batch: %s', async (aggregate) => {
    const relevance = await cosineRelevance(data.slice(), width, photos, aggregate);
    try {
      for (const [rows, columns] of [
        [[3], range(count)],
        [range(photos.length), [4]],
        [
          [2, 2, 0, 3, 1],
          [0, 7, 7, 4, 1],
        ],
      ]) {
        const found = await batchRelevance(relevance, Int32Array.from(rows), Int32Array.from(columns));
        const expected = rows.flatMap((image) => columns.map((caption) => plain(image, caption, aggregate)));
        expected.forEach((c, at) => {
          expect(Math.abs(found[at] - c)).toBeLessThan(1e-6);
        });
      }
    } finally {
      await relevance.close!();
    }
  });

  test('one caption of an image more similar than the others decides for max, and only a part for mean', async () => {
    const [max, mean] = await Promise.all(
      (['max', 'mean'] as const).map(async (aggregate) => {
        const relevance = await cosineRelevance(data.slice(), width, photos, aggregate);
        const found = await batchRelevance(relevance, Int32Array.of(2), Int32Array.of(0));
        await relevance.close!();
        return found[0];
      }),
    );
    expect(max).toBeGreaterThan(mean);
  });

  test('of pictures: the same for all captions of one, and symmetric', async () => {
    const vectors = Float32Array.from({ length: photos.length * 3 }, () => random.normal());
    const relevance = await imageCosineRelevance(vectors.slice(), 3, photos);
    const all = (length: number) => Int32Array.from(range(length));
    const found = await batchRelevance(relevance, all(photos.length), all(count));
    await relevance.close!();
    const picture = (i: number) => [...vectors.subarray(3 * i, 3 * i + 3)];
    for (const i of range(photos.length)) {
      for (const caption of range(count)) {
        const [x, y] = [picture(i), picture(imageOf[caption])];
        const cosine = x.reduce((sum, value, k) => sum + value * y[k], 0) / (Math.hypot(...x) * Math.hypot(...y));
        expect(found[i * count + caption]).toBeCloseTo(imageOf[caption] === i ? 1 : cosine, 5);
      }
    }
  });
});
