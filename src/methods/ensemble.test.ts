import { expect, test } from 'vitest';
import { evaluate } from '../graph/evaluate/evaluate.ts';
import { add, multiply } from '../graph/ops/elementwise.ts';
import { input } from '../graph/ops/leaves.ts';
import { matmul } from '../graph/ops/product.ts';
import { l2Normalize } from '../graph/ops/reduce.ts';
import type { Tensor } from '../graph/tensor.ts';
import { expectClose, normalValue } from '../graph/testing/check.ts';
import { ensembleEmbedding } from './ensemble.ts';

test('one product of concatenated vectors is the mean of the members’ scores', () => {
  const members = [4, 4, 7].map((d, k) => ({ v: input(`v${k}`, [3, d]), u: input(`u${k}`, [5, d]) }));
  const feeds = new Map(
    members.flatMap(({ v, u }, k) => [
      [`v${k}`, normalValue(v.shape as number[], 'v', k)] as const,
      [`u${k}`, normalValue(u.shape as number[], 'u', k)] as const,
    ]),
  );
  const scores = (v: Tensor, u: Tensor) => matmul(v, u, { transposeB: true });
  const each = members.map(({ v, u }) => scores(l2Normalize(v), l2Normalize(u)));
  const mean = multiply(
    each.reduce((a, b) => add(a, b)),
    1 / members.length,
  );
  const images = ensembleEmbedding(members.map(({ v }) => l2Normalize(v)));
  const texts = ensembleEmbedding(members.map(({ u }) => l2Normalize(u)));
  const [joined, expected, vectors] = evaluate([scores(images, texts), mean, images], feeds);
  expectClose(joined, expected, 1e-7);
  expect(vectors.shape).toEqual([3, 15]);
  for (let i = 0; i < 3; i++) expect(Math.hypot(...vectors.data.slice(i * 15, i * 15 + 15))).toBeCloseTo(1, 6);
});

test('an ensemble of one is that one', () => {
  const only = l2Normalize(input('v', [3, 4]));
  expect(ensembleEmbedding([only])).toBe(only);
});
