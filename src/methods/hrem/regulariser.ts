/** @file The regulariser: learned edges across modalities shall follow the distances of the embeddings. */
import { add, exp, multiply, stopGradient, subtract } from '../../graph/ops/elementwise.ts';
import { logSoftmax, sum } from '../../graph/ops/reduce.ts';
import { transpose } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { closeness } from './distances.ts';
import type { Blocks, Embeddings } from './relations.ts';

export interface RegulariserOptions {
  /** σ of the guide. */
  readonly kernelWidth: number;
  /** T_s of both softmaxes. */
  readonly temperature: number;
}

/**
 *     G_ij = exp(-‖v_i - u_j‖₂ / σ), without gradient
 *     L = 1/B Σ_i KL( softmax(E_IT)_i ‖ softmax(G)_i )  +  1/B Σ_j KL( softmax(E_TI)_j ‖ softmax(Gᵀ)_j )
 *
 * KL(a ‖ b) = Σ a (ln a - ln b), softmax along rows. Gradient reaches the perceptrons behind the edges alone.
 *
 * @param edges E_IT and E_TI [B, B]
 */
export function regulariser(
  edges: Pick<Blocks, 'imageToText' | 'textToImage'>,
  { images, texts }: Embeddings,
  { kernelWidth, temperature }: RegulariserOptions,
): Tensor {
  const guide = stopGradient(closeness(images, texts, kernelWidth));
  const shares = (x: Tensor) => logSoftmax(multiply(x, 1 / temperature));
  const divergence = (learned: Tensor, wanted: Tensor) => {
    const [a, b] = [shares(learned), shares(wanted)];
    return sum(multiply(exp(a), subtract(a, b)));
  };
  const pairs = images.shape[0] as number;
  const both = add(divergence(edges.imageToText, guide), divergence(edges.textToImage, transpose(guide)));
  return multiply(both, 1 / pairs);
}
