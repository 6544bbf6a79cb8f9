/**
 * @file The cross-embedding association graph: which of the 2 B instances of a batch are linked, and how strongly. Nodes are the
 * images, then the captions:
 *
 *     A = [[A_II, A_IT], [A_TI, A_TT]]          E alike
 */
import { or } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/product.ts';
import { concat } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { pairsOf } from '../objectives/relation.ts';
import { strongest } from './adjacency.ts';
import { closeness } from './distances.ts';
import { type EdgeMlps, learnedEdges } from './edges.ts';
import type { Matching } from './matching.ts';

/** Embeddings of both sides [B, d]. */
export interface Embeddings {
  readonly images: Tensor;
  readonly texts: Tensor;
}

/** One tensor [B, B] for each pair of modalities; rows read, columns are read. */
export interface Blocks {
  readonly imageToImage: Tensor;
  readonly imageToText: Tensor;
  readonly textToImage: Tensor;
  readonly textToText: Tensor;
}

/** The graph. */
export interface Relations {
  /** A, bool; no gradient. */
  readonly linked: Blocks;
  /** E, float32. */
  readonly weights: Blocks;
}

export interface RelationOptions {
  /** ρ, share of the batch that each instance is linked to. */
  readonly density: number;
  /** σ, width of the kernel over distances. */
  readonly kernelWidth: number;
}

/**
 *     A_II = top(V Vᵀ)      E_II = exp(-‖v_i - v_j‖₂ / σ)          A_TT, E_TT alike over U
 *     A_IT = top(P_IT)      E_IT = MLP_IT(q_IT) + P_IT             A_TI, E_TI alike; masks come from P
 *
 * Gradient flows through E_II and E_TT into v and u, through E_IT and E_TI into the perceptrons alone.
 *
 * @param embeddings V and U of unit length
 * @throws DIPTYCH_HREM_DENSITY
 */
export function relationsOf(
  { images, texts }: Embeddings,
  matching: Matching,
  mlps: EdgeMlps<Tensor>,
  { density, kernelWidth }: RelationOptions,
): Relations {
  const { imageToText, textToImage, bestRegions, bestWords } = matching;
  const inside = (x: Tensor) => {
    // Rounding must not cost an instance the edge to itself.
    const linked = or(strongest(matmul(x, x, { transposeB: true }), density), pairsOf(x.shape[0]));
    return { linked, weights: closeness(x, x, kernelWidth) };
  };
  const [amongImages, amongTexts] = [inside(images), inside(texts)];
  return {
    linked: {
      imageToImage: amongImages.linked,
      imageToText: strongest(imageToText, density),
      textToImage: strongest(textToImage, density),
      textToText: amongTexts.linked,
    },
    weights: {
      imageToImage: amongImages.weights,
      imageToText: learnedEdges(mlps.imageToText, bestRegions, imageToText),
      textToImage: learnedEdges(mlps.textToImage, bestWords, textToImage),
      textToText: amongTexts.weights,
    },
  };
}

/** Four blocks as one matrix [2 B, 2 B] over images, then captions. */
export function assembled({ imageToImage, imageToText, textToImage, textToText }: Blocks): Tensor {
  return concat([concat([imageToImage, imageToText], 1), concat([textToImage, textToText], 1)], 0);
}
