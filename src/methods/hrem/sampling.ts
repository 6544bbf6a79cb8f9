/**
 * @file Distance-weighted sampling of negatives (Wu et al. 2017, as HREM's official code runs it). A negative is drawn with a
 * probability that evens out how often distances occur on a sphere: almost the hardest one, with very hard ones flattened.
 */
import {
  add,
  and,
  cast,
  greater,
  less,
  log,
  maximum,
  multiply,
  negate,
  not,
  sqrt,
  stopGradient,
  subtract,
  where,
} from '../../graph/ops/elementwise.ts';
import { uniform } from '../../graph/ops/leaves.ts';
import { argMax, maskedLogit, max } from '../../graph/ops/reduce.ts';
import { unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';

export interface SamplingOptions {
  /** Distances below this count as this. */
  readonly floor: number;
  /** Negatives at this distance or beyond are never drawn. */
  readonly cut: number;
  /** n, dimension of the sphere. 512 in the official code, whatever the embedding has. */
  readonly sphere: number;
  /**
   * `masked-first` leaves far negatives out before weights are compared (reconstructed). `official` compares with them first: one far
   * negative can make all weights of its anchor underflow, and then its whole direction counts nothing.
   */
  readonly order: 'masked-first' | 'official';
}

/** Negatives that may be drawn, with the logarithms of their weights. */
export interface Candidates {
  /** ℓ - max ℓ [..., B, B]; far below zero where nothing may be drawn. */
  readonly logWeights: Tensor;
  /** bool [..., B, B]. */
  readonly allowed: Tensor;
}

/**
 *     D = max( sqrt(2 - 2 S), floor )
 *     ℓ = (2 - n) ln D - (n - 3)/2 ln(1 - D²/4),  0 where it is not finite
 *
 * @param scores cosines, any shape
 */
export function logWeight(
  scores: Tensor,
  { floor, sphere }: Pick<SamplingOptions, 'floor' | 'sphere'>,
): {
  distance: Tensor;
  logWeight: Tensor;
} {
  const squared = maximum(subtract(2, multiply(scores, 2)), floor ** 2);
  const cap = subtract(1, multiply(squared, 0.25));
  const finite = greater(cap, 0);
  const radial = multiply(log(squared), (2 - sphere) / 2);
  const angular = multiply(log(where(finite, cap, 1)), (sphere - 3) / 2);
  return { distance: sqrt(squared), logWeight: where(finite, subtract(radial, angular), 0) };
}

/** Logarithm of half the smallest float32: weights below it are zero. */
const underflow = -103.97;

/**
 * Who may be drawn for each anchor:
 *
 *     w = exp(ℓ - max ℓ) · negative · [D < cut]
 *
 * The maximum runs over negatives within the cut (`masked-first`), or over the whole row with ℓ = 0 for positives (`official`), and
 * weights underflow as in float32. No gradient.
 *
 * @param scores [..., B, B], rows are anchors
 * @param positives bool [B, B]: pairs of the same image
 */
export function candidatesOf(scores: Tensor, positives: Tensor, options: SamplingOptions): Candidates {
  const { distance, logWeight: weight } = logWeight(stopGradient(scores), options);
  const near = and(not(positives), less(distance, options.cut));
  const compared = options.order === 'masked-first' ? where(near, weight, maskedLogit) : where(positives, 0, weight);
  const relative = subtract(compared, max(compared, -1, true));
  const allowed = and(near, greater(relative, underflow));
  return { logWeights: where(allowed, relative, maskedLogit), allowed };
}

/** bool [..., B, 1]: anchors for which somebody may be drawn. */
export function drawable({ allowed }: Candidates): Tensor {
  return greater(max(cast(allowed, 'float32'), -1, true), 0);
}

/** Smallest number whose logarithm is taken: half of the smallest step of `uniform`. */
const tiny = 2 ** -25;

/**
 * Draws by Gumbel-max: argmax_c ( ℓ_c + g_c ), g = -ln(-ln x), x uniform, is distributed
 * as p = w / Σ w.
 *
 * @param key int32 scalar of the step
 * @param stream name of the use
 * @param draws independent draws for each anchor
 * @returns int32 [..., B, draws]; any number where none may be drawn
 */
export function drawNegatives({ logWeights }: Candidates, key: Tensor, stream: string, draws: number): Tensor {
  const { shape } = logWeights;
  const lead = shape.slice(0, -1);
  const x = maximum(uniform(key, stream, [...lead, draws, shape[shape.length - 1]]), tiny);
  const gumbel = negate(log(negate(log(x))));
  return argMax(add(unsqueeze(logWeights, lead.length), gumbel), lead.length + 1);
}
