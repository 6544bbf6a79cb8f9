import { expect, test } from 'vitest';
import { imageVectors } from './pair-vectors.ts';

const root = Math.SQRT1_2;
const vectors = {
  // The third image has no caption.
  images: Float32Array.of(1, 0, 0, 1, root, root),
  captions: Float32Array.of(0, 1, 0, 1, root, root),
  dimension: 2,
  imageOfCaption: Int32Array.of(0, 0, 1),
};

test('both sides count alike, however many captions an image has', () => {
  const [a, b] = [Math.cos(Math.PI / 4), Math.cos((3 * Math.PI) / 8)];
  expect([...imageVectors(vectors, 'pair')]).toEqual(
    [a, a, b, Math.sin((3 * Math.PI) / 8), root, root].map((x) => expect.closeTo(x, 6)),
  );
});

test('one side alone', () => {
  expect(imageVectors(vectors, 'image')).toBe(vectors.images);
  expect([...imageVectors(vectors, 'text')]).toEqual([0, 1, root, root, root, root].map((x) => expect.closeTo(x, 6)));
});
