/**
 * @file The contrast of one branch: queries against the keys of the batch and the queue, across modalities, and the queries of the
 * batch against each other.
 *
 *     L_queue = 1/2 { mean_i l(v_i; u^k_i; other u^k, queue of u) + mean_i l(u_i; v^k_i; other v^k, queue of v) }
 *     L_batch = 1/2 { mean_i l(v_i; u_i; other u) + mean_i l(u_i; v_i; other v) }                 gradients into both sides
 *     L_DCL   = L_queue + λ_b L_batch                     L_batch alone without a queue; dcl-u takes sums in place of 1/2 {…}
 */
import { add, multiply, not } from '../../graph/ops/elementwise.ts';
import type { Operand } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import { sum } from '../../graph/ops/reduce.ts';
import { concat, transpose } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { diagonal } from '../objectives/relation.ts';
import {
  atOwnTemperatures,
  type Comparison,
  effectiveShare,
  logLearntWeights,
  logSpreadWeights,
  memoryContrast,
  unifiedContrast,
  type WeightHead,
  type Weighting,
  weightedNce,
} from './contrast.ts';

/** Of both modalities. */
export type Both<T> = { readonly image: T; readonly text: T };

/** Keys of the batch and of earlier ones; no gradient. */
export interface Dictionary {
  /** [B, d]. */
  readonly batch: Both<Tensor>;
  /** [L, d]. */
  readonly queue: Both<Tensor>;
  /** bool [B, L]: entries of the same image. */
  readonly same: Tensor;
}

export interface ContrastOptions {
  readonly weighting: Weighting;
  /** λ_b. */
  readonly batchWeight: number;
}

/**
 * L_DCL of a branch.
 *
 * @param online [B, d] unit vectors
 * @param same bool [B, B]: pairs of the same image
 * @param dictionary undefined without a queue
 * @param scale 1/τ
 * @param head of dcl-m and dcl-t
 * @returns the loss; for dcl and dcl-m also the share of negatives that takes part, of images as anchors
 */
export function branchContrast(
  online: Both<Tensor>,
  same: Tensor,
  dictionary: Dictionary | undefined,
  { weighting, batchWeight }: ContrastOptions,
  scale: Operand,
  head: WeightHead<Tensor> | undefined,
): { loss: Tensor; effective: Tensor | undefined } {
  const scores = matmul(online.image, online.text, { transposeB: true });
  if (weighting.form === 'dcl-h') {
    const { queue, same: sameQueued } = dictionary!;
    const against = (x: Tensor, keys: Tensor) => matmul(x, keys, { transposeB: true });
    const queued = {
      image: against(online.image, queue.text),
      text: against(online.text, queue.image),
      counted: not(sameQueued),
    };
    return { loss: memoryContrast(scores, same, queued, weighting), effective: undefined };
  }
  const one = (anchors: Tensor, keys: readonly Tensor[], comparison: Comparison) =>
    anchorLoss(weighting, anchors, keys, comparison, scale, head);
  const within = (anchors: Tensor, keys: Tensor, s: Tensor) =>
    one(anchors, [keys], { positives: diagonal(s), negatives: s, counted: not(same) });
  const batch = together(
    weighting,
    within(online.image, online.text, scores),
    within(online.text, online.image, transpose(scores)),
  );
  if (!dictionary) return batch;

  const counted = concat([not(same), not(dictionary.same)], 1);
  const across = (anchors: Tensor, keys: Tensor, queue: Tensor) => {
    const negatives = concat(
      [keys, queue].map((list) => matmul(anchors, list, { transposeB: true })),
      1,
    );
    return one(anchors, [keys, queue], { positives: sum(multiply(anchors, keys), 1), negatives, counted });
  };
  const queue = together(
    weighting,
    across(online.image, dictionary.batch.text, dictionary.queue.text),
    across(online.text, dictionary.batch.image, dictionary.queue.image),
  );
  return { loss: add(queue.loss, multiply(batch.loss, batchWeight)), effective: queue.effective };
}

type Part = { readonly loss: Tensor; readonly effective: Tensor | undefined };

/** Both directions. */
function together({ form }: Weighting, image: Part, text: Part): Part {
  const loss = add(image.loss, text.loss);
  return { loss: form === 'dcl-u' ? loss : multiply(loss, 0.5), effective: image.effective };
}

/** Mean loss of the anchors of one modality. */
function anchorLoss(
  weighting: Exclude<Weighting, { form: 'dcl-h' }>,
  anchors: Tensor,
  keys: readonly Tensor[],
  comparison: Comparison,
  scale: Operand,
  head: WeightHead<Tensor> | undefined,
): Part {
  if (weighting.form === 'dcl-u') return { loss: unifiedContrast(comparison, weighting), effective: undefined };
  if (weighting.form === 'dcl' && weighting.sharpness === 0) {
    return { loss: weightedNce(comparison, undefined, scale), effective: undefined };
  }
  if (weighting.form === 'dcl-t') {
    return { loss: weightedNce(atOwnTemperatures(comparison, head!, anchors), undefined, scale), effective: undefined };
  }
  const { counted } = comparison;
  const weights =
    weighting.form === 'dcl'
      ? logSpreadWeights(comparison, weighting.sharpness)
      : logLearntWeights(head as Required<WeightHead<Tensor>>, anchors, keys, counted);
  return { loss: weightedNce(comparison, weights, scale), effective: effectiveShare(weights, counted) };
}
