/**
 * @file The guard against false negatives: what the model of the round before finds nearly as fitting as the pair itself is no
 * negative (NV-Retriever's TopK-PercPos rule; centring and the use inside one modality are reconstructed).
 */
import { add, and, cast, greater, multiply, not, or, subtract } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/product.ts';
import { mean } from '../../graph/ops/reduce.ts';
import { reshape } from '../../graph/ops/shape.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import { diagonal, pairsOf } from '../objectives/relation.ts';
import type { Dropped } from './cross.ts';

export interface GuardOptions {
  /** Share of the pair's own score above which another one is dropped. */
  readonly share: number;
  /** Whether scores count from that of random pairs on; else as they are. */
  readonly centred: boolean;
  /** Cosine inside one modality above which two pairs are no negatives of each other. */
  readonly within: number;
}

/** What the teacher says of a batch: the model at the beginning of the round. */
export type Teacher<L> = {
  /** [pairs, dimension], unit length. */
  readonly image: L;
  readonly text: L;
  /** μ: mean score of random pairs. */
  readonly centre: L;
  /** 1, or 0 where there is no teacher yet: then nothing is dropped. */
  readonly present: L;
};

export function teacherSpecs(pairs: number, dimension: number): Teacher<Spec> {
  const vectors: Spec = { shape: [pairs, dimension], dtype: 'float32' };
  const number: Spec = { shape: [], dtype: 'float32' };
  return { image: vectors, text: vectors, centre: number, present: number };
}

export interface Guarded {
  readonly dropped: Dropped;
  /** bool [pairs, pairs]: too alike to be negatives inside their modality; the diagonal says nothing. */
  readonly images: Tensor;
  readonly texts: Tensor;
  /** Share of all pairs of different images that the cross-modal loss drops, over both directions. */
  readonly rate: Tensor;
}

/**
 *     image i drops caption j:   S⁰_ij - μ > share · (S⁰_ii - μ)        caption j drops image i:   S⁰_ij - μ > share · (S⁰_jj - μ)
 *     inside a modality:         x⁰_i·x⁰_j > within                                               μ = 0 unless `centred`
 *
 * @param same bool [pairs, pairs], from `sameImage`
 */
export function guardOf(teacher: Teacher<Tensor>, same: Tensor, { share, centred, within }: GuardOptions): Guarded {
  const size = same.shape[0];
  const product = (a: Tensor, b: Tensor) => matmul(a, b, { transposeB: true });
  const present = greater(teacher.present, 0);
  const cosines = product(teacher.image, teacher.text);
  const scores = centred ? subtract(cosines, teacher.centre) : cosines;
  const limit = multiply(diagonal(scores), share);
  const others = and(present, not(pairsOf(size)));
  const perImage = and(others, greater(scores, reshape(limit, [size, 1])));
  const perCaption = and(others, greater(scores, reshape(limit, [1, size])));
  const alike = (x: Tensor) => and(others, greater(product(x, x), within));
  const counted = (mask: Tensor) => mean(cast(and(mask, not(same)), 'float32'));
  return {
    dropped: { perImage, perCaption },
    images: alike(teacher.image),
    texts: alike(teacher.text),
    rate: multiply(add(counted(perImage), counted(perCaption)), 0.5),
  };
}

/** Both reasons for two pairs not to be negatives of each other. */
export function either(same: Tensor, guarded: Tensor | undefined): Tensor {
  return guarded ? or(same, guarded) : same;
}
