/** @file Recalls of trained models on a split: encode, rank, compare with judgements, write a test run down. */
import type { ImageRecord } from '../data/dataset.ts';
import { meanScores } from '../evaluation/ensemble.ts';
import type { RelevanceAgreement } from '../evaluation/graded.ts';
import { recordTestRun } from '../evaluation/guard.ts';
import { pairScores } from '../evaluation/judged-pairs.ts';
import { evaluateJudgements } from '../evaluation/judgements.ts';
import { type Evaluation, evaluate, type GivenFacts } from '../evaluation/protocols.ts';
import { type Relation, relationOf } from '../evaluation/relation.ts';
import type { EvaluationResult } from '../evaluation/result.ts';
import { type Embeddings, embeddingScores, type ScoreSource } from '../evaluation/scores.ts';
import { relevanceAgreement } from '../methods/bcls/agreement.ts';
import { openRelevance, type RelevanceSource } from '../methods/bcls/relevance/open.ts';
import { changeableShare, reweighVectors } from '../methods/coder/reweigh.ts';
import type { Progress } from '../system/progress.ts';
import { fingerprintOf } from '../training/run/configuration.ts';
import type { EmbedOptions, TrainedModel } from './model.ts';

export interface EvaluateModelsOptions extends EmbedOptions {
  readonly split: string;
  /** Contiguous folds of the images, each a gallery of its own; 1 for the whole split. */
  readonly folds: number;
  /** A file of human judgements. */
  readonly judgements?: string | undefined;
  /** Resamples of the bootstrap; 0 draws no intervals. */
  readonly resamples: number;
  /** Weight of the concept branch of CODER in the score; that of training unless given. */
  readonly beta?: number | undefined;
  /** Degrees of relevance that scores are compared with; not compared unless given. */
  readonly relevance?: RelevanceSource | undefined;
}

export interface EvaluatedModels {
  readonly evaluation: Evaluation;
  /** With judgements, agreement with relevance, and the number of the test run, where there are any. */
  readonly result: EvaluationResult;
  readonly source: ScoreSource;
  readonly relation: Relation;
}

/**
 * Evaluates a model, or several by the mean of their scores. An evaluation on `test` is recorded in the folder of each.
 *
 * @param images of the split, in its order
 * @throws coded errors of models and evaluation; DIPTYCH_CODER_BETA, DIPTYCH_RELEVANCE_…; DIPTYCH_FILE_UNWRITABLE where a test run cannot be recorded
 */
export async function evaluateModels(
  models: readonly TrainedModel[],
  images: readonly ImageRecord[],
  options: EvaluateModelsOptions,
): Promise<EvaluatedModels> {
  const { split, folds, judgements, resamples, progress } = options;
  const relation = relationOf(images);
  const began = performance.now();
  const sources: ScoreSource[] = [];
  for (const model of models) {
    sources.push(embeddingScores(reweighed(model, await model.embed(images, options), options.beta)));
    progress.finish();
  }
  const encodeSeconds = (performance.now() - began) / 1000;
  const source = sources.length === 1 ? sources[0] : meanScores(sources);
  const bootstrap = resamples > 0 ? { resamples } : (false as const);
  const facts = { ...factsOf(models), encodeSeconds };
  const evaluation = await evaluate(source, relation, { split, facts, folds, bootstrap, progress });
  const paths = images.map(({ path }) => path);
  const judged =
    judgements === undefined ? undefined : await evaluateJudgements(judgements, pairScores(source, relation, paths));
  const relevance =
    options.relevance && (await agreementWith(options.relevance, source, { images, relation }, progress));
  const found = { ...evaluation.result, ...(judged && { judgements: judged }), ...(relevance && { relevance }) };
  return { evaluation, result: await recorded(models, found), source, relation };
}

/** Vectors with another weight of the concept branch. @throws DIPTYCH_CODER_BETA */
function reweighed({ name, share }: TrainedModel, embeddings: Embeddings, beta: number | undefined): Embeddings {
  if (beta === undefined) return embeddings;
  const indexed = changeableShare(name, share);
  const { dimension } = embeddings;
  const again = (vectors: Float32Array): Float32Array => reweighVectors(vectors, dimension, indexed, beta);
  return { images: again(embeddings.images), captions: again(embeddings.captions), dimension };
}

async function agreementWith(
  source: RelevanceSource,
  scores: ScoreSource,
  { images, relation }: { readonly images: readonly ImageRecord[]; readonly relation: Relation },
  progress: Progress,
): Promise<RelevanceAgreement> {
  const relevance = await openRelevance(source, { images, all: images }, progress);
  try {
    return await relevanceAgreement(scores, relation, relevance);
  } finally {
    await relevance.close?.();
  }
}

/** The result, written down if it is one on test. */
async function recorded(models: readonly TrainedModel[], result: EvaluationResult): Promise<EvaluationResult> {
  if (result.split !== 'test') return result;
  const checkpoint = result.protocol.checkpoint ?? '';
  const numbers: number[] = [];
  for (const { folder } of models) numbers.push(await recordTestRun(folder, result, checkpoint));
  return { ...result, protocol: { ...result.protocol, testRun: Math.max(...numbers) } };
}

function factsOf(models: readonly TrainedModel[]): GivenFacts {
  const known = <T>(values: readonly (T | undefined)[]): T[] => [
    ...new Set(values.filter((value): value is T => value !== undefined)),
  ];
  const [fingerprint, ...others] = models.map((model) => model.fingerprint);
  const selectedOn = known(models.map((model) => model.selectedOn));
  const seeds = known(models.map(({ seed }) => seed));
  return {
    featureSource: known(models.map((model) => model.featureSource)).join(', '),
    ...(selectedOn.length > 0 && { selectedOn: selectedOn.join(', ') }),
    ...(seeds.length > 0 && { seeds }),
    checkpoint: others.length === 0 ? fingerprint : fingerprintOf([fingerprint, ...others]),
  };
}
