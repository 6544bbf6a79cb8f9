/**
 * @file Diversity-sensitive contrast (DCL) of anchors with their negatives, in five reconstructed readings of "adaptive weights".
 *
 * Anchor i has a positive p_i and negatives n_ij, j ∈ N_i:
 *
 *     dcl, -m, -t  l_i = log( e^(p_i/τ) + Σ_j w_ij e^(n_ij/τ) ) - p_i/τ
 *     dcl          w_ij = |N_i| softmax_j( κ z_ij ),  z_ij = (n_ij - mean_i) / (deviation_i + 1e-6)               no gradient
 *     dcl-m        w_ij = |N_i| σ(g_ij) / Σ_j σ(g_ij),  g_ij = a·v_i + b·q_j + c                                 a, b, c learnt
 *     dcl-t        w_ij = 1, and 1/τ_i = 2 σ(a·v_i + c) / τ in place of 1/τ                                         a, c learnt
 *     dcl-u        l_i = 1/a log( 1 + Σ_j e^(a (n_ij - e)) ) - 1/2 log( 1 + [p_i]₊ )                                      (UTO of USER)
 *     dcl-h        the same over the batch, with w_ij (n_ij - e) and w from the queues: see `memoryContrast`              (HAL)
 */
import {
  absolute,
  add,
  cast,
  divide,
  exp,
  log,
  maximum,
  multiply,
  negate,
  relu,
  sigmoid,
  softplus,
  sqrt,
  square,
  stopGradient,
  subtract,
  where,
} from '../../graph/ops/elementwise.ts';
import { topK } from '../../graph/ops/indexing.ts';
import { type Operand, scalar } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { logSoftmax, logSumExp, maskedLogit, mean, sum } from '../../graph/ops/reduce.ts';
import { concat, expand, reshape, transpose, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { normal, zeros } from '../../nn/initialisers.ts';
import { type ParameterSpec, parameter } from '../../nn/parameters.ts';
import { diagonal } from '../objectives/relation.ts';

/** How negatives are weighed. */
export type Weighting =
  /** κ: 0 is InfoNCE, towards infinity the hardest negative alone counts. */
  | { readonly form: 'dcl'; readonly sharpness: number }
  | { readonly form: 'dcl-m' }
  | { readonly form: 'dcl-t' }
  | { readonly form: 'dcl-u'; readonly scale: number; readonly threshold: number }
  /** `hardness`: b; `nearest`: keys of the queue that count as near. */
  | {
      readonly form: 'dcl-h';
      readonly scale: number;
      readonly threshold: number;
      readonly hardness: number;
      readonly nearest: number;
    };

/** Anchors with what they are compared with. */
export interface Comparison {
  /** [B]. */
  readonly positives: Tensor;
  /** [B, M]. */
  readonly negatives: Tensor;
  /** bool [B, M]: false for another picture or caption of the same image, which is no negative. */
  readonly counted: Tensor;
}

/** Log of the weights [B, M], no gradient; what stands in entries that are not counted is not read. Negatives all alike weigh 0. */
export function logSpreadWeights({ negatives, counted }: Comparison, sharpness: number): Tensor {
  const count = countOf(counted);
  const average = divide(sum(where(counted, negatives, 0), 1, true), count);
  const centred = where(counted, subtract(negatives, average), 0);
  const deviation = sqrt(divide(sum(square(centred), 1, true), count));
  const z = divide(centred, add(deviation, 1e-6));
  return stopGradient(normalised(multiply(z, sharpness), counted));
}

/** ln |N| + log softmax over the counted entries: weights of mean 1. */
function normalised(logits: Tensor, counted: Tensor): Tensor {
  return add(log(countOf(counted)), logSoftmax(where(counted, logits, maskedLogit)));
}

/** [B, 1]; at least 1, so that an anchor without negatives divides by something. */
function countOf(counted: Tensor): Tensor {
  return maximum(sum(cast(counted, 'float32'), 1, true), 1);
}

/**
 * Mean of l over anchors, negatives weighed.
 *
 * @param logWeights [B, M], or undefined where all weigh 1
 * @param scale 1/τ
 */
export function weightedNce(
  { positives, negatives, counted }: Comparison,
  logWeights: Tensor | undefined,
  scale: Operand,
): Tensor {
  const p = multiply(positives, scale);
  const n = multiply(negatives, scale);
  const weighed = where(counted, logWeights ? add(n, logWeights) : n, maskedLogit);
  return mean(subtract(logSumExp(concat([unsqueeze(p, 1), weighed], 1), 1), p));
}

/** (Σ w)² / (|N| Σ w²), mean over anchors: the share of the negatives that take part; 1 where all weigh the same. */
export function effectiveShare(logWeights: Tensor, counted: Tensor): Tensor {
  const w = where(counted, exp(logWeights), 0);
  const squares = maximum(multiply(sum(square(w), 1, true), countOf(counted)), 1e-12);
  return mean(divide(square(sum(w, 1, true)), squares));
}

/** The head of dcl-m, and without a key that of dcl-t. */
export type WeightHead<L> = { readonly anchor: L; readonly key?: L; readonly bias: L };

/** Undefined for weightings that learn nothing. */
export function weightHeadParameters({ form }: Weighting, dimension: number): WeightHead<ParameterSpec> | undefined {
  if (form !== 'dcl-m' && form !== 'dcl-t') return undefined;
  const row = () => parameter([1, dimension], normal(0.02));
  return { anchor: row(), ...(form === 'dcl-m' && { key: row() }), bias: parameter([], zeros) };
}

/** Log weights [B, M] of the head; anchors and keys get no gradient of it. @param keys [m, d] each, M together */
export function logLearntWeights(
  head: Required<WeightHead<Tensor>>,
  anchors: Tensor,
  keys: readonly Tensor[],
  counted: Tensor,
): Tensor {
  const ofAnchor = matmul(stopGradient(anchors), head.anchor, { transposeB: true });
  const ofKeys = keys.map((key) => matmul(head.key, stopGradient(key), { transposeB: true }));
  const g = add(add(ofAnchor, concat(ofKeys, 1)), head.bias);
  return normalised(negate(softplus(negate(g))), counted);
}

/**
 * A comparison at the temperatures of its anchors, as shares of the common one: scores times 2 σ(a·v_i + c), which is 1 where the
 * head says nothing. Anchors get no gradient of it.
 */
export function atOwnTemperatures(
  { positives, negatives, counted }: Comparison,
  { anchor, bias }: WeightHead<Tensor>,
  anchors: Tensor,
): Comparison {
  const factor = multiply(sigmoid(add(matmul(stopGradient(anchors), anchor, { transposeB: true }), bias)), 2);
  return {
    positives: multiply(positives, reshape(factor, positives.shape)),
    negatives: multiply(negatives, factor),
    counted,
  };
}

/** Mean of l over anchors, dcl-u. */
export function unifiedContrast(
  { positives, negatives, counted }: Comparison,
  { scale, threshold }: { scale: number; threshold: number },
): Tensor {
  const logits = where(counted, multiply(subtract(negatives, threshold), scale), maskedLogit);
  return subtract(softHinge(logits, scale), multiply(mean(log(add(relu(positives), 1))), 0.5));
}

/** mean_i 1/a log( 1 + Σ_j e^(logits_ij) ). */
function softHinge(logits: Tensor, scale: number): Tensor {
  const one = expand(scalar(0), [logits.shape[0], 1]);
  return multiply(mean(logSumExp(concat([one, logits], 1), 1)), 1 / scale);
}

/**
 * dcl-h, both directions: the weight of a pair is how crowded its surroundings in the queues are, against its matches.
 *
 *   A_i = Σ of e^(b v_i·q - e) over the `nearest` keys q of the queue that are not of its image,  A_j likewise for captions
 *     w_ij = (A_i + A_j) / ( A_i + A_j + e^(b s_ii) + e^(b s_jj) )                                     no gradient
 *     L = 1/B Σ_i { 1/a log( 1 + Σ_j e^(a w_ij (s_ij - e)) ) + the same over rows - log( 1 + [w_ii s_ii]₊ ) }
 *
 * @param scores [B, B]
 * @param same bool [B, B]
 * @param queued scores of images [B, L] with the queue of captions, and of captions with that of images; with what counts there
 */
export function memoryContrast(
  scores: Tensor,
  same: Tensor,
  queued: { readonly image: Tensor; readonly text: Tensor; readonly counted: Tensor },
  { scale, threshold, hardness, nearest }: Extract<Weighting, { form: 'dcl-h' }>,
): Tensor {
  const size = scores.shape[0];
  const pairs = diagonal(scores);
  const crowd = (n: Tensor) =>
    logSumExp(
      subtract(multiply(topK(where(queued.counted, n, maskedLogit), nearest, 1).values, hardness), threshold),
      1,
    );
  const sums = (row: Tensor, column: Tensor) => logAddExp(reshape(row, [size, 1]), reshape(column, [1, size]));
  const crowds = sums(crowd(queued.image), crowd(queued.text));
  const matches = multiply(pairs, hardness);
  const weights = stopGradient(sigmoid(subtract(crowds, sums(matches, matches))));
  const logits = where(same, maskedLogit, multiply(multiply(weights, subtract(scores, threshold)), scale));
  return subtract(
    add(softHinge(logits, scale), softHinge(transpose(logits), scale)),
    mean(log(add(relu(multiply(diagonal(weights), pairs)), 1))),
  );
}

/** log( e^a + e^b ), broadcast, without overflow. */
function logAddExp(a: Tensor, b: Tensor): Tensor {
  return add(maximum(a, b), softplus(negate(absolute(subtract(a, b)))));
}
