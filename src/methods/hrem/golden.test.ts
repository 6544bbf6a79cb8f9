/** @file The golden file of the official modules, every array at 1e-6. Its `eval` is held by the tests of the evaluation. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { cast, multiply } from '../../graph/ops/elementwise.ts';
import { constant, input } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { l2Normalize, mean } from '../../graph/ops/reduce.ts';
import { transpose, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectClose } from '../../graph/testing/check.ts';
import { mapTree } from '../../graph/tree.ts';
import { countOf } from '../../graph/values.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
import { meanPool } from '../../nn/pooling/simple.ts';
import { maskOf } from '../../nn/ragged.ts';
import { sameImage } from '../objectives/relation.ts';
import { edgeMlpParameters } from './edges.ts';
import { matchFragments } from './matching.ts';
import { regulariser } from './regulariser.ts';
import { relationsOf } from './relations.ts';
import { candidatesOf, type SamplingOptions } from './sampling.ts';
import { asValue, golden, goldenRegions, goldenWords, shapes } from './testing/golden.ts';
import { probabilities } from './testing/probabilities.ts';

const { instances, regions, words, dimension, lengths: captionLengths } = shapes;
const R = input('R', [instances, regions, dimension]);
const C = input('C', [instances, words, dimension]);
const sim = input('sim', [5, 5]);
const feeds = new Map([
  ['R', goldenRegions],
  ['C', goldenWords],
  ['sim', asValue(golden.dws.sim)],
]);
const lengths = constant(captionLengths, [instances], 'int32');
const best = 2;

const ownWords = multiply(C, unsqueeze(cast(maskOf(lengths, words), 'float32'), -1));
const embeddings = {
  images: l2Normalize(mean(R, 1)),
  texts: l2Normalize(meanPool({ x: ownWords, mask: undefined, lengths })),
};
const matching = matchFragments(
  { x: R, lengths: constant(Array(instances).fill(regions), [instances], 'int32'), zeroed: true },
  [{ x: C, lengths, zeroed: false }],
  { form: 'official', best, padding: 'read' },
);
const zeroMlps = mapTree(edgeMlpParameters(best), ({ shape }: ParameterSpec) =>
  constant(new Float64Array(countOf(shape)), shape),
);
const { linked, weights } = relationsOf(embeddings, matching, zeroMlps, { density: 0.5, kernelWidth: 1 });
const scores = matmul(embeddings.images, embeddings.texts, { transposeB: true });

describe('quantities of the graph', () => {
  test.each<[string, Tensor, Parameters<typeof asValue>[0]]>([
    ['P_IT', matching.imageToText, golden.p_i2t_rows_images],
    ['P_TI', matching.textToImage, golden.p_t2i_rows_texts],
    ['q_IT', matching.bestRegions, golden.q_i2t_rows_images],
    ['q_TI', matching.bestWords, golden.q_t2i_rows_texts],
    ['A_II', linked.imageToImage, golden.A_i2i],
    ['A_TT', linked.textToText, golden.A_t2t],
    ['A_IT', linked.imageToText, golden.A_i2t],
    ['A_TI', linked.textToImage, golden.A_t2i],
    ['E_II', weights.imageToImage, golden.S_i2i],
    ['E_TT', weights.textToText, golden.S_t2t],
    ['E_IT of perceptrons that are zero', weights.imageToText, golden.p_i2t_rows_images],
    ['E_TI of perceptrons that are zero', weights.textToImage, golden.p_t2i_rows_texts],
    ['S', scores, golden.sim],
  ])('%s', (_, tensor, expected) => {
    expectClose(evaluate([tensor], feeds)[0], asValue(expected), 1e-6);
  });

  test('v_0 and u_3', () => {
    const [v, u] = evaluate([embeddings.images, embeddings.texts], feeds);
    expectClose({ shape: [dimension], data: v.data.slice(0, dimension) }, asValue(golden.v0), 1e-6);
    expectClose({ shape: [dimension], data: u.data.slice(3 * dimension) }, asValue(golden.u3), 1e-6);
  });

  test('the regulariser', () => {
    const loss = regulariser(weights, embeddings, { kernelWidth: 1, temperature: 1 });
    expect(evaluate([loss], feeds)[0].data[0]).toBeCloseTo(golden.reg_loss, 6);
  });
});

describe('probabilities of negatives', () => {
  const sampling: SamplingOptions = { floor: 0.5, cut: 1.7, sphere: 512, order: 'official' };
  const drawn = (x: Tensor, ids: readonly number[], options = sampling) => {
    const same = sameImage(constant(ids, [ids.length], 'int32'));
    return evaluate([probabilities(candidatesOf(x, same, options))], feeds)[0];
  };
  const distinct = [0, 1, 2, 3];

  test.each([
    ['image', scores, golden.dws_prob_image_anchor],
    ['caption', transpose(scores), golden.dws_prob_text_anchor],
  ] as const)('official order, %s anchors: a far negative empties its row', (_, x, expected) => {
    expectClose(drawn(x, distinct), asValue(expected), 1e-6);
  });

  test('far negatives first: every anchor that has a near negative draws one', () => {
    const { data } = drawn(scores, distinct, { ...sampling, order: 'masked-first' });
    const rows = golden.sim.map((row, a) => {
      const near = row.some((cosine, c) => c !== a && Math.sqrt(2 - 2 * cosine) < sampling.cut);
      return [data.slice(a * 4, a * 4 + 4).reduce((x, y) => x + y), near ? 1 : 0];
    });
    for (const [total, expected] of rows) expect(total).toBeCloseTo(expected, 10);
    expect(rows.filter(([, expected]) => expected === 1).length).toBeGreaterThan(1);
  });

  const twins = [0, 1, 1, 2, 3];
  /** One row for each (anchor, positive), row by row over the positives. */
  const perPositive = (data: Float64Array) =>
    twins.flatMap((id, a) => twins.filter((other) => other === id).map(() => [...data.slice(a * 5, a * 5 + 5)]));
  test.each(['official', 'masked-first'] as const)('a repeated image, %s', (order) => {
    const options = { ...sampling, order };
    const rows = perPositive(drawn(sim, twins, options).data);
    const columns = perPositive(drawn(transpose(sim), twins, options).data);
    expectClose(asValue(rows), asValue(golden.dws.prob_row_anchor), 1e-6);
    expectClose(asValue(columns), asValue(golden.dws.prob_col_anchor), 1e-6);
  });
});
