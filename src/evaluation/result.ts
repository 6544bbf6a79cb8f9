/** @file The result of an evaluation as plain data: what is printed with `--json`, compared, and reported. */
import type { Intervals } from './bootstrap.ts';
import type { Chance } from './chance.ts';
import type { RelevanceAgreement } from './graded.ts';
import type { JudgementResult } from './judgements.ts';
import type { RetrievalMetrics, TieRule } from './metrics.ts';

/** Everything needed to say what a number means and whether it can be compared with another. */
export interface ProtocolFacts {
  /** 1 = the whole split as one gallery. */
  readonly folds: number;
  readonly tieRule: TieRule;
  readonly captionsPerImage: { readonly min: number; readonly max: number; readonly mean: number };
  /** SHA-256 of the ids and their order. */
  readonly splitHash: string;
  /** How many models' scores were averaged; 1 = a single model. */
  readonly members: number;
  /** Where the picture features come from, in words. */
  readonly featureSource: string;
  /** The split on which checkpoint and settings were chosen. */
  readonly selectedOn?: string;
  readonly seeds?: readonly number[];
  /** Fingerprint of the checkpoint or bundle. */
  readonly checkpoint?: string;
  readonly encodeSeconds?: number;
  readonly indexBytes?: number;
  readonly queryMilliseconds?: number;
  /** Which test run of this run directory it is, from 1. */
  readonly testRun?: number;
}

/** How ties moved the numbers. Without ties both rules agree. */
export interface TieFacts {
  /** The rule of the numbers above. */
  readonly rule: TieRule;
  /** Image queries, and caption queries, whose rank a tie decides. */
  readonly imageQueries: number;
  readonly textQueries: number;
  readonly optimistic: RetrievalMetrics;
  readonly pessimistic: RetrievalMetrics;
}

/** One fold. */
export interface FoldResult extends RetrievalMetrics {
  readonly images: number;
  readonly captions: number;
}

/** The result of an evaluation. With folds every metric is the mean over them. */
export interface EvaluationResult extends RetrievalMetrics {
  readonly split: string;
  readonly images: number;
  readonly captions: number;
  readonly ties: TieFacts;
  readonly intervals?: Intervals;
  readonly folds?: readonly FoldResult[];
  readonly judgements?: JudgementResult;
  /** Agreement of scores with degrees of relevance. */
  readonly relevance?: RelevanceAgreement;
  /** What random scores would reach. */
  readonly chance: Chance;
  readonly protocol: ProtocolFacts;
}
