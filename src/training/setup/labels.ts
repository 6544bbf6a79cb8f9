/** @file What the captions say beside their words, for the objectives that read it: concepts, and degrees of relevance. */

import type { Dataset } from '../../data/dataset.ts';
import { captionsOf } from '../../data/relation.ts';
import { cacheFolder } from '../../files/kept.ts';
import type { Spec } from '../../graph/tensor.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import { relevanceFeeds } from '../../methods/bcls/feeds.ts';
import { relevanceSource } from '../../methods/bcls/options.ts';
import { openRelevance } from '../../methods/bcls/relevance/open.ts';
import type { Relevance } from '../../methods/bcls/relevance/relevance.ts';
import { type ConceptFacts, gatherConcepts } from '../../methods/coder/facts.ts';
import { conceptFeeds } from '../../methods/coder/feeds.ts';
import { coderName } from '../../methods/coder/objective.ts';
import { hasKeyViews } from '../../methods/coder/options.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { Progress } from '../../system/progress.ts';
import { type PairFeeds, prefixed } from '../batches/pairs.ts';
import { viewFeeds } from '../batches/views.ts';
import type { Materials } from './materials.ts';
import { encoderOf } from './model.ts';

export interface Labelled {
  /** With concepts among the facts, and what objectives read of each batch. */
  readonly materials: Materials;
  /** Degrees of relevance on the validation split; undefined where relevance is not trained on. */
  readonly relevance: Relevance | undefined;
  close(): Promise<void>;
}

/**
 * Adds to the materials what objectives read of captions.
 *
 * @throws DIPTYCH_CODER_…, DIPTYCH_RELEVANCE_…, and what reading files throws
 */
export async function labelled(
  values: TrainingValues,
  dataset: Dataset,
  materials: Materials,
  progress: Progress,
): Promise<Labelled> {
  const { train } = materials;
  const concepts = await conceptsOf(values, materials);
  const relevance = await openBoth(values, dataset, materials, progress);
  const coder = coderFeeds(values, materials, concepts);
  const feeds: Record<string, PairFeeds> = {
    ...(coder && { [coderName]: coder }),
    ...(relevance && { relevance: relevanceFeeds(relevance.train) }),
  };
  return {
    materials: {
      ...materials,
      facts: { ...materials.facts, ...(concepts && { concepts }) },
      train: { ...train, pairs: { ...train.pairs, feeds } },
      fingerprints: { ...materials.fingerprints, ...(relevance && { relevance: relevance.train.fingerprint }) },
    },
    relevance: relevance?.val,
    async close() {
      await relevance?.train.close?.();
      await relevance?.val.close?.();
    },
  };
}

/** What CODER reads beside the batch: concepts among the words, and the batch augmented anew for its keys. */
function coderFeeds(
  { objectives, coder }: TrainingValues,
  { train: { images, pairs } }: Materials,
  concepts: ConceptFacts | undefined,
): PairFeeds | undefined {
  const labels = concepts && coder.concepts.labelShare > 0 ? conceptFeeds(concepts.concepts, images) : undefined;
  if (!objectives.terms.includes('coder') || !hasKeyViews(coder)) return labels;
  return async (imageIds, captionIds, moment) =>
    new Map([
      ...((await labels?.(imageIds)) ?? []),
      ...prefixed('views', await viewFeeds(pairs, imageIds, captionIds, moment)),
    ]);
}

async function conceptsOf(
  values: TrainingValues,
  { train, facts, tokenizer }: Materials,
): Promise<ConceptFacts | undefined> {
  if (!values.objectives.terms.includes('coder')) return undefined;
  const texts = captionsOf(train.images).map(({ text }) => text);
  const words = leavesOf<Spec>(encoderOf(values, facts).text.parameters as Tree<Spec>).map(([path]) => path);
  const table = words.find((path) => /(^|\.)words\.weight$/.test(path));
  return gatherConcepts(values.coder, texts, { tokenizer, table });
}

async function openBoth(
  { relevance }: TrainingValues,
  { images: all }: Dataset,
  { train, val }: Materials,
  progress: Progress,
): Promise<{ train: Relevance; val: Relevance } | undefined> {
  if (relevance.weight === 0) return undefined;
  const source = relevanceSource(relevance, cacheFolder());
  const first = await openRelevance(source, { images: train.images, all }, progress);
  try {
    const second = await openRelevance(source, { images: val.images, all }, progress);
    // Its reports are not the first ones of the training that follows.
    progress.finish();
    return { train: first, val: second };
  } catch (error) {
    await first.close?.();
    throw error;
  }
}
