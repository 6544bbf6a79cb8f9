import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { captionsOf } from '../../../data/relation.ts';
import { writeNpy } from '../../../files/npy.ts';
import { Random } from '../../../random/random.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { matrixOf, photos, problemOf } from './testing/photos.ts';

describe('a given matrix', () => {
  const images = photos.slice(1, 3);
  const captions = captionsOf(photos).length;
  const random = new Random('matrix');
  const data = Float32Array.from({ length: photos.length * captions }, () => random.uniform());
  const write = async (shape: number[], values: Float32Array<ArrayBuffer>) => {
    const file = join(temporaryFolder(), 'matrix.npy');
    await writeNpy(file, { dtype: 'float32', shape, data: values });
    return { kind: 'matrix', file } as const;
  };
  // Images 1 and 2 with their captions, 2 to 6.
  const expected = [1, 2].map((i) => [...data.subarray(i * captions + 2, i * captions + 7)]);

  test('of the whole data set or of the images used, taken as it is', async () => {
    expect(await matrixOf(await write([photos.length, captions], data), images, photos)).toEqual(expected);
    const part = Float32Array.from(expected.flat());
    expect(await matrixOf(await write([2, 5], part), images, photos)).toEqual(expected);
  });

  test('another shape and NaN are refused', async () => {
    expect(await problemOf(await write([5, 2], new Float32Array(10)), images, photos)).toBe('DIPTYCH_RELEVANCE_SHAPE');
    const broken = Float32Array.from(data);
    broken[captions + 3] = Number.NaN;
    expect(await problemOf(await write([photos.length, captions], broken), images, photos)).toBe(
      'DIPTYCH_RELEVANCE_NOT_FINITE',
    );
    // What is not used is not judged.
    const elsewhere = Float32Array.from(data);
    elsewhere[0] = Number.NaN;
    expect(await matrixOf(await write([photos.length, captions], elsewhere), images, photos)).toEqual(expected);
  });
});
