/** @file Further views: each draws random numbers of its own, and captions come back in the order of the pairs. */
import { expect, test } from 'vitest';
import type { DualEncoder, Tower } from '../../encoders/tower.ts';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { constant, uniform } from '../../graph/ops/leaves.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import { fullRagged } from '../../nn/ragged.ts';
import { encoder, pairs, sceneOf } from '../testing/scene.ts';
import { imageView, textView } from './views.ts';

/** A tower that is nothing but its random numbers. */
const drawing = (base: Tower): Tower => ({
  ...base,
  encode: (_, buffers, __, count, { key }) => ({
    pooled: uniform(key!, 'view', [count as number, 3]),
    fragments: fullRagged(constant(new Float64Array(12), [4, 1, 3])),
    buffers,
  }),
});
const towers: DualEncoder = { image: drawing(encoder.image), text: drawing(encoder.text), dimension: 3 };

test('views of a batch differ by dropout alone, from the first and from each other', () => {
  const scene = sceneOf(encoder, new Map());
  const batch: Tree<Tensor> = {};
  const place = constant([2, 0, 3, 1], [pairs], 'int32');
  const first = towers.image.encode({}, {}, batch, pairs, scene.mode).pooled;
  const [one, two, three, text] = evaluate(
    [
      first,
      imageView(towers, scene, batch, 2).output,
      imageView(towers, scene, batch, 3).output,
      textView(towers, scene, batch, place).output,
    ],
    new Map(),
  ).map(({ data }) => [...data]);
  expect(two).not.toEqual(one);
  expect(three).not.toEqual(one);
  expect(three).not.toEqual(two);
  // Captions come back in the order of the pairs.
  const rows = (data: number[]) => [0, 1, 2, 3].map((i) => data.slice(3 * i, 3 * i + 3));
  expect(rows(text)).toEqual([2, 0, 3, 1].map((i) => rows(two)[i]));
});
