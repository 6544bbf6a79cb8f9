/** @file Retrieval against graded relevance: Kendall's tau within the top K, and how much relevance the top K gather. */
import { kendall } from './correlation.ts';

/** The candidates of an anchor, best score first. */
export interface RankedCandidates {
  /** Number of the candidate at each place. */
  readonly order: readonly number[];
  readonly scores: Float64Array;
  readonly relevance: Float64Array;
}

/** Candidates as they are retrieved. Of equal scores the less relevant comes first: ties are decided against the model. */
export function rankCandidates(scores: ArrayLike<number>, relevance: ArrayLike<number>): RankedCandidates {
  const order = Array.from({ length: scores.length }, (_, candidate) => candidate);
  order.sort((a, b) => scores[b] - scores[a] || relevance[a] - relevance[b]);
  return {
    order,
    scores: Float64Array.from(order, (candidate) => scores[candidate]),
    relevance: Float64Array.from(order, (candidate) => relevance[candidate]),
  };
}

/**
 * Tau@K, or coherent score (Zhou et al. 2020, Ladder Loss), of an anchor with scores s and degrees of relevance c.
 *
 *     Tau@K = tau-b of { (s_j, c_j) : j among the K highest s }
 *
 * @returns null where it is not defined: all of them equally relevant, or of one score, or fewer than two
 */
export function tauAt(k: number, { scores, relevance }: RankedCandidates): number | null {
  return kendall(scores.subarray(0, k), relevance.subarray(0, k)).tauB;
}

/** Relevance of the first K of a ranking, and the most that any K of it have. */
export interface CumulativeRelevance {
  readonly gathered: number;
  readonly ideal: number;
}

/** What one anchor adds to both sums of `normalisedCumulative`. @param relevance of its candidates, best score first */
export function cumulativeRelevance(k: number, relevance: Float64Array): CumulativeRelevance {
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  return { gathered: sum(relevance.subarray(0, k)), ideal: sum(relevance.toSorted().subarray(-k)) };
}

/**
 * NCS@K, the normalised cumulative score (Biten et al. 2022), of anchors q whose candidates j are not their ground truth: how
 * good the mistakes are.
 *
 *     NCS@K = sum_q sum_{j among the K highest s_q} c_qj / sum_q sum_{j among the K highest c_q} c_qj
 *
 * @returns null where nothing is relevant
 */
export function normalisedCumulative(anchors: readonly CumulativeRelevance[]): number | null {
  const [gathered, ideal] = anchors.reduce(([g, i], anchor) => [g + anchor.gathered, i + anchor.ideal], [0, 0]);
  return ideal > 0 ? gathered / ideal : null;
}

/** Each K of a measure that there are candidates for, with what was found; null where it is not defined. */
export type AtEachK = Readonly<Record<string, number | null>>;

/** Agreement over the anchors of one direction. */
export interface DirectionAgreement {
  /** Mean tau-b over all candidates; null where no anchor has one. */
  readonly tau: number | null;
  /** Mean tau-b over the K candidates that score highest. */
  readonly tauAt: AtEachK;
  /** Relevance of the K candidates that score highest, as a share of the most there is, the ground truth left out. */
  readonly ncsAt: AtEachK;
  /** Anchors that have a tau: those whose candidates are not all equally relevant. */
  readonly anchors: number;
}

/** Agreement in both directions. */
export interface RelevanceAgreement {
  /** Mean tau of both directions; null where one has none. */
  readonly tau: number | null;
  /** Images as anchors, all captions of the split as candidates. */
  readonly imageToText: DirectionAgreement;
  /** Captions as anchors, all images as candidates. */
  readonly textToImage: DirectionAgreement;
}
