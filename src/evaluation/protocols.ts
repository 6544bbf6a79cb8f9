/** @file Evaluation protocols: the whole split as one gallery, or contiguous folds averaged; with intervals. */
import { DiptychError } from '../errors/error.ts';
import { type Progress, silent } from '../system/progress.ts';
import { type BootstrapOptions, bootstrapIntervals } from './bootstrap.ts';
import { chanceOf } from './chance.ts';
import { meanMetrics, retrievalMetrics, type TieRule, tiedQueries } from './metrics.ts';
import { type Ranks, rank } from './ranks.ts';
import { type Relation, splitHash } from './relation.ts';
import type { EvaluationResult, ProtocolFacts } from './result.ts';
import type { ScoreSource } from './scores.ts';

/** What the caller knows and the scores do not say. */
export type GivenFacts = Omit<ProtocolFacts, 'folds' | 'tieRule' | 'captionsPerImage' | 'splitHash' | 'members'>;

export interface EvaluateOptions {
  /** Name of the split, as reported. */
  readonly split: string;
  readonly facts: GivenFacts;
  /** Contiguous folds of the images, each a gallery of its own; 1, the whole split, unless given. COCO 1K: 5. */
  readonly folds?: number;
  /** Against the model unless given: a model that gives everything one score must not look perfect. */
  readonly tieRule?: TieRule;
  /** How intervals are drawn; `false` draws none. */
  readonly bootstrap?: BootstrapOptions | false;
  readonly progress?: Progress;
}

/** A result, and the ranks of each fold that it was made from. */
export interface Evaluation {
  readonly result: EvaluationResult;
  readonly ranks: readonly Ranks[];
}

/**
 * Evaluates scores against the relation.
 *
 * @throws DIPTYCH_EVALUATION_FOLDS if the images cannot be cut into so many folds
 * @throws as `rank`
 */
export async function evaluate(source: ScoreSource, relation: Relation, options: EvaluateOptions): Promise<Evaluation> {
  const { folds = 1, tieRule = 'pessimistic', bootstrap = {}, progress = silent } = options;
  const ranks: Ranks[] = [];
  for (const gallery of contiguousFolds(relation.imageIds.length, folds)) {
    ranks.push(await rank(source, relation, gallery, progress));
  }
  const byFold = (rule: TieRule) => ranks.map((fold) => retrievalMetrics(fold, rule));
  const sum = (count: (fold: Ranks) => number): number => ranks.reduce((total, fold) => total + count(fold), 0);
  const optimistic = meanMetrics(byFold('optimistic'));
  const pessimistic = meanMetrics(byFold('pessimistic'));
  const result: EvaluationResult = {
    split: options.split,
    images: relation.imageIds.length,
    captions: relation.captionIds.length,
    ...(tieRule === 'pessimistic' ? pessimistic : optimistic),
    ties: {
      rule: tieRule,
      imageQueries: sum((fold) => tiedQueries(fold.imageToText)),
      textQueries: sum((fold) => tiedQueries(fold.textToImage)),
      optimistic,
      pessimistic,
    },
    ...(bootstrap === false ? {} : { intervals: bootstrapIntervals(ranks, tieRule, bootstrap) }),
    ...(folds === 1 ? {} : { folds: byFold(tieRule).map((metrics, fold) => ({ ...sizes(ranks[fold]), ...metrics })) }),
    chance: chanceOf(ranks),
    protocol: {
      folds,
      tieRule,
      captionsPerImage: captionsPerImage(relation),
      splitHash: splitHash(relation),
      members: source.members,
      ...options.facts,
    },
  };
  return { result, ranks };
}

/**
 * Cuts images 0 … n-1, in file order, into contiguous runs whose sizes differ by one at most.
 *
 * @throws DIPTYCH_EVALUATION_FOLDS unless 1 <= folds <= images
 */
export function contiguousFolds(images: number, folds: number): Int32Array[] {
  if (!Number.isInteger(folds) || folds < 1 || folds > Math.max(1, images)) {
    throw new DiptychError('DIPTYCH_EVALUATION_FOLDS', { folds, images });
  }
  const start = (fold: number): number => Math.floor((fold * images) / folds);
  return Array.from({ length: folds }, (_, fold) =>
    Int32Array.from({ length: start(fold + 1) - start(fold) }, (_, image) => start(fold) + image),
  );
}

function sizes(ranks: Ranks): { images: number; captions: number } {
  return { images: ranks.gallery.length, captions: ranks.textToImage.queries.length };
}

function captionsPerImage(relation: Relation): ProtocolFacts['captionsPerImage'] {
  const counts = relation.captionsOf.map((captions) => captions.length);
  const extreme = (pick: (a: number, b: number) => number): number => counts.reduce((a, b) => pick(a, b));
  return {
    min: extreme(Math.min),
    max: extreme(Math.max),
    mean: relation.captionIds.length / relation.imageIds.length,
  };
}
