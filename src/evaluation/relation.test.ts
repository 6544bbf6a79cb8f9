import { expect, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import { relationOf, relationOfIds, splitHash } from './relation.ts';

const images = [
  { id: 'a', captions: [{ id: 'a0' }, { id: 'a1' }] },
  { id: 'b', captions: [] },
  { id: 'c', captions: [{ id: 'c0' }, { id: 'c1' }, { id: 'c2' }] },
];

test('captions are numbered image by image', () => {
  const relation = relationOf(images);
  expect(relation.captionIds).toEqual(['a0', 'a1', 'c0', 'c1', 'c2']);
  expect([...relation.imageOf]).toEqual([0, 0, 2, 2, 2]);
  expect(relation.captionsOf.map((captions) => [...captions])).toEqual([[0, 1], [], [2, 3, 4]]);
});

test('captions may come in any order', () => {
  const relation = relationOfIds(['a', 'b'], ['x', 'y', 'z'], ['b', 'a', 'b']);
  expect(relation.captionsOf.map((captions) => [...captions])).toEqual([[1], [0, 2]]);
});

test('repeated ids and unknown images are refused, by name', () => {
  const fault = (make: () => unknown): string => {
    try {
      make();
    } catch (error) {
      if (isDiptychError(error, 'DIPTYCH_EVALUATION_RELATION')) return error.message;
      throw error;
    }
    return 'accepted';
  };
  expect(fault(() => relationOfIds(['a', 'a'], [], []))).toMatch('image "a": occurs more than once');
  expect(fault(() => relationOfIds(['a'], ['x', 'x'], ['a', 'a']))).toMatch('caption "x": occurs more than once');
  expect(fault(() => relationOfIds(['a'], ['x'], ['b']))).toMatch('caption "x": belongs to image "b"');
  expect(() => relationOfIds(['a'], ['x'], [])).toThrow(/expected 1 ids, found 0/);
});

test('the hash changes with an id, an order or an owner, and with nothing else', () => {
  const hash = splitHash(relationOf(images));
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(splitHash(relationOfIds(['a', 'b', 'c'], ['a0', 'a1', 'c0', 'c1', 'c2'], ['a', 'a', 'c', 'c', 'c']))).toBe(
    hash,
  );
  expect(splitHash(relationOf(images.toReversed()))).not.toBe(hash);
  expect(splitHash(relationOf(images.slice(0, 2)))).not.toBe(hash);
});
