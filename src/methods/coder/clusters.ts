/**
 * @file Pseudo labels of CODER: instance embeddings are assigned to prototypes Γ while training goes on, and the concept
 * embeddings have to tell to which. All of it is reconstructed; the default is that of SwAV.
 *
 *     Π^v = assign( V_k ),  Π^u = assign( U_k )                                of the momentum instance embeddings, no gradient
 *     y_i = 1/2 ( Π^v_i + Π^u_i )
 *     L_pred = -1/2 mean_i Σ_k y_ik ( log p^v_ik + log p^u_ik )          p = softmax( W_c · concept embedding / τ_p )
 *     L_swap = -1/2 mean_i ( Π^u_i · log softmax( v_i Γᵀ / τ_s ) + Π^v_i · log softmax( u_i Γᵀ / τ_s ) )           trains Γ
 *
 * Without L_swap Γ is a running mean of the keys that enter the queues (`runningMean`), or means of the queues (k-means).
 */
import {
  add,
  cast,
  divide,
  equal,
  exp,
  floor,
  greater,
  log,
  maximum,
  multiply,
  negate,
  stopGradient,
  subtract,
  where,
} from '../../graph/ops/elementwise.ts';
import { gather, scatterAdd } from '../../graph/ops/indexing.ts';
import { iota } from '../../graph/ops/leaves.ts';
import { linear, matmul } from '../../graph/ops/product.ts';
import { argMax, l2Normalize, logSoftmax, maskedLogit, max, mean, softmax, sum } from '../../graph/ops/reduce.ts';
import { concat, reshape, slice, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { newestPlaces, ofImages, type Queues } from '../objectives/queue.ts';
import type { Both } from './dictionary.ts';

/** How embeddings are assigned to prototypes. */
export type Labelling =
  /** Balanced over the batch and the `newest` keys of the queue; `hard` takes the best prototype alone. */
  | {
      readonly kind: 'sinkhorn';
      readonly temperature: number;
      readonly iterations: number;
      readonly newest: number;
      readonly hard: boolean;
    }
  /** The nearest prototype; every `refresh` steps prototypes move to the means of the queues, `iterations` times. */
  | { readonly kind: 'kmeans'; readonly refresh: number; readonly iterations: number }
  /** softmax( (logits - centre) / temperature ), the centre a running mean of the logits (DINO). */
  | { readonly kind: 'centred'; readonly temperature: number; readonly momentum: number };

/** What is kept from step to step: prototypes that no gradient moves, and the centre of centred labels. */
export type LabelMemory<L> = { readonly prototypes?: L; readonly centre?: L };

export interface Assigned {
  /** [B, K] each: rows sum to 1; no gradient. */
  readonly assignments: Both<Tensor>;
  readonly memory: LabelMemory<Tensor>;
}

/**
 * Assigns keys to prototypes.
 *
 * @param keys [B, d] each
 * @param prototypes Γ [K, d], rows of length 1
 * @param queues with keys `image` and `text`, where the labelling reads them
 * @param step float32 scalar
 */
export function assign(
  labelling: Labelling,
  keys: Both<Tensor>,
  prototypes: Tensor,
  memory: LabelMemory<Tensor>,
  queues: Queues<Tensor> | undefined,
  step: Tensor,
): Assigned {
  const both = (one: (side: 'image' | 'text') => Tensor): Both<Tensor> => ({
    image: stopGradient(one('image')),
    text: stopGradient(one('text')),
  });
  switch (labelling.kind) {
    case 'sinkhorn': {
      const { temperature, iterations, newest, hard } = labelling;
      const assignments = both((side) => {
        const own = logitsOf(keys[side], prototypes, temperature);
        const logits =
          newest > 0 && queues ? concat([own, newestLogits(queues, side, newest, prototypes, temperature)], 0) : own;
        const balanced = sinkhorn(logits, iterations);
        const batch = slice(balanced, 0, 0, keys[side].shape[0] as number);
        return hard ? oneHot(batch) : batch;
      });
      return { assignments, memory };
    }
    case 'kmeans': {
      const moved = cluster(labelling, prototypes, queues!, step);
      return { assignments: both((side) => oneHot(logitsOf(keys[side], moved, 1))), memory: { prototypes: moved } };
    }
    case 'centred': {
      const { temperature, momentum } = labelling;
      const logits = both((side) => logitsOf(keys[side], prototypes, 1));
      const average = multiply(add(mean(logits.image, 0, true), mean(logits.text, 0, true)), 0.5);
      const centre = memory.centre!;
      return {
        assignments: both((side) => softmax(multiply(subtract(logits[side], centre), 1 / temperature))),
        memory: { ...memory, centre: stopGradient(add(multiply(centre, momentum), multiply(average, 1 - momentum))) },
      };
    }
  }
}

/** [n, K] cosines over a temperature. */
function logitsOf(x: Tensor, prototypes: Tensor, temperature: number): Tensor {
  return multiply(matmul(x, prototypes, { transposeB: true }), 1 / temperature);
}

/** [count, K] of the newest keys of a queue; masked where no image made them, which leaves them no share of any prototype. */
function newestLogits(
  queues: Queues<Tensor>,
  side: 'image' | 'text',
  count: number,
  prototypes: Tensor,
  temperature: number,
): Tensor {
  const places = newestPlaces(queues, count);
  const logits = logitsOf(gather(queues.keys[side], places), prototypes, temperature);
  return where(unsqueeze(ofImages(gather(queues.ids, places)), 1), logits, maskedLogit);
}

/**
 * Sinkhorn's balancing: columns and rows are scaled in turn, so that every prototype gets about its share of the rows.
 *
 *     X = e^(logits - max) / Σ;   repeat: columns / (K Σ column), rows / (n Σ row);   n X
 *
 * @param logits [n, K]
 * @returns [n, K], rows sum to 1; no gradient
 */
export function sinkhorn(logits: Tensor, iterations: number): Tensor {
  const [rows, columns] = logits.shape as number[];
  // A sum may vanish in float32: then the column stays empty.
  const share = (x: Tensor, axis: number, count: number) =>
    divide(x, maximum(multiply(sum(x, axis, true), count), 1e-37));
  const powers = exp(subtract(logits, max(logits)));
  let x = divide(powers, sum(powers));
  for (let i = 0; i < iterations; i++) x = share(share(x, 0, columns), 1, rows);
  return stopGradient(multiply(x, rows));
}

/** 1 at the largest element of each row. */
function oneHot(x: Tensor): Tensor {
  const [rows, columns] = x.shape;
  return cast(equal(reshape(argMax(x, 1), [rows, 1]), reshape(iota(columns), [1, columns])), 'float32');
}

/**
 * Spherical k-means over the keys of images in the queues of both modalities; a prototype without keys stays. Between refreshes
 * nothing moves.
 */
function cluster(
  { refresh, iterations }: Extract<Labelling, { kind: 'kmeans' }>,
  prototypes: Tensor,
  queues: Queues<Tensor>,
  step: Tensor,
): Tensor {
  const count = prototypes.shape[0];
  const keys = concat([queues.keys.image, queues.keys.text], 0);
  const own = unsqueeze(ofImages(queues.ids), 1);
  const counted = cast(concat([own, own], 0), 'float32');
  const summed = multiply(keys, counted);
  let moved = prototypes;
  for (let i = 0; i < iterations; i++) {
    const nearest = argMax(logitsOf(keys, moved, 1), 1);
    const members = scatterAdd(nearest, counted, count);
    const sums = scatterAdd(nearest, summed, count);
    moved = where(greater(members, 0), l2Normalize(sums), moved);
  }
  const due = equal(subtract(step, multiply(floor(divide(step, refresh)), refresh)), 0);
  return stopGradient(where(due, moved, prototypes));
}

/**
 * Prototypes as a running mean of the keys that are assigned to them, each key once, as it enters the queues. A prototype to which
 * none is assigned stays.
 *
 *     Γ_k ← norm( m Γ_k + (1-m) Σ_i (Π^v_ik v_i + Π^u_ik u_i) / Σ_i (Π^v_ik + Π^u_ik) )
 *
 * @param prototypes Γ [K, d], rows of length 1, by which the keys were assigned
 * @param keys [B, d] each
 * @param assignments [B, K] each
 */
export function runningMean(
  prototypes: Tensor,
  keys: Both<Tensor>,
  assignments: Both<Tensor>,
  momentum: number,
): Tensor {
  const joined = ({ image, text }: Both<Tensor>) => concat([image, text], 0);
  const shares = joined(assignments);
  const counts = reshape(sum(shares, 0), [prototypes.shape[0], 1]);
  const means = divide(matmul(shares, joined(keys), { transposeA: true }), maximum(counts, 1e-12));
  const moved = l2Normalize(add(multiply(prototypes, momentum), multiply(means, 1 - momentum)));
  return where(greater(counts, 0), moved, prototypes);
}

/** L_pred, from concept embeddings [B, d]. @param head W_c [K, d] */
export function predictionLoss(
  { image, text }: Both<Tensor>,
  concepts: Both<Tensor>,
  head: Tensor,
  temperature: number,
): Tensor {
  const labels = multiply(add(image, text), 0.5);
  const against = (x: Tensor) => crossEntropy(labels, multiply(linear(x, head), 1 / temperature));
  return multiply(add(against(concepts.image), against(concepts.text)), 0.5);
}

/** L_swap, from instance embeddings [B, d]: each modality is told the assignment of the other. */
export function swapLoss(
  assignments: Both<Tensor>,
  instances: Both<Tensor>,
  prototypes: Tensor,
  temperature: number,
): Tensor {
  const against = (labels: Tensor, x: Tensor) => crossEntropy(labels, logitsOf(x, prototypes, temperature));
  return multiply(add(against(assignments.text, instances.image), against(assignments.image, instances.text)), 0.5);
}

/** -mean_i Σ_k y_ik log softmax(logits)_ik. */
function crossEntropy(labels: Tensor, logits: Tensor): Tensor {
  return negate(mean(sum(multiply(labels, logSoftmax(logits)), 1)));
}

/** e^entropy of the mean label: how many clusters are in use, from 1 to K. */
export function clustersInUse({ image, text }: Both<Tensor>): Tensor {
  const load = mean(multiply(add(image, text), 0.5), 0);
  return exp(negate(sum(multiply(load, log(maximum(load, 1e-12))))));
}
