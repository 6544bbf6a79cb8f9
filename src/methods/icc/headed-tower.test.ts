import { expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { constant } from '../../graph/ops/leaves.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { normalValue } from '../../graph/testing/check.ts';
import { leavesOf, mapTree, type Tree } from '../../graph/tree.ts';
import { initialise, type ParameterSpec } from '../../nn/parameters.ts';
import { dimension, encoder, pairs } from '../testing/scene.ts';
import { headedTower, outputOf } from './headed-tower.ts';

test('a head without bias leads from the output to the space, in training and exported alike', () => {
  const tower = headedTower(encoder.image, dimension, 3);
  expect(leavesOf<ParameterSpec>(tower.parameters).map(([path, { shape }]) => [path, shape])).toEqual([
    ['base.weight', [6, 5]],
    ['head.weight', [3, 6]],
  ]);
  const values = initialise(tower.parameters, 1);
  const params = mapTree(tower.parameters, ({ shape }: ParameterSpec, path) =>
    constant(values.get(path)!.data, [...shape]),
  ) as unknown as Tree<Tensor>;
  const x = constant(normalValue([pairs, 5], 'x').data, [pairs, 5]);
  const trained = tower.encode(params, {}, { x }, pairs, { training: false });
  const exported = tower.exported.encode(params, {}, { x });
  const below = encoder.image.encode(params.base as Tree<Tensor>, {}, { x }, pairs, { training: false });
  const [pooled, same, output, base] = evaluate(
    [trained.pooled, exported.pooled, outputOf(trained), below.pooled],
    new Map(),
  ).map(({ data }) => [...data]);
  expect(same).toEqual(pooled);
  expect(output).toEqual(base);
  const weight = values.get('head.weight')!.data;
  for (let i = 0; i < pairs; i++) {
    for (let k = 0; k < 3; k++) {
      const expected = [0, 1, 2, 3, 4, 5].reduce((sum, j) => sum + weight[6 * k + j] * base[6 * i + j], 0);
      expect(pooled[3 * i + k]).toBeCloseTo(expected, 6);
    }
  }
  // A tower without a head gives uni-modal heads what it pools.
  expect(outputOf(below)).toBe(below.pooled);
});
