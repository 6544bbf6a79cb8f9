/** @file From options to stages: each objective of a run brings its own, and they are laid over one another. */
import { storedFormOf } from '../encoders/stored.ts';
import type { DualEncoder } from '../encoders/tower.ts';
import { relevanceObjective, tripletObjective } from './bcls/objective.ts';
import { negativesOf, rankingOf } from './bcls/options.ts';
import { coderEmbedding } from './coder/embedding.ts';
import type { ConceptFacts } from './coder/facts.ts';
import { branchOf } from './coder/options.ts';
import { coderStages } from './coder/stages.ts';
import type { Family } from './composition-options.ts';
import { type Embedding, plainEmbedding } from './embedding.ts';
import { hremStages } from './hrem/stages.ts';
import { iccOptionsOf } from './icc/options.ts';
import { iccStages, stagedTowers } from './icc/stages.ts';
import type { TrainingValues } from './schema.ts';
import { overlaid, type Stage, throughout } from './stages.ts';
import { vseStages } from './vse/stages.ts';

/** What objectives are made for. */
export interface CompositionContext {
  readonly encoder: DualEncoder;
  /** Pairs of a batch. */
  readonly pairs: number;
  /** Steps of an epoch. */
  readonly epochLength: number;
  /** Concepts of the training captions; undefined where no objective asks for them. */
  readonly concepts: ConceptFacts | undefined;
}

/** The vectors that are searched: those of CODER where it is among the objectives, else those of the towers. */
export function embeddingOf(
  { objectives, coder }: Pick<TrainingValues, 'objectives' | 'coder'>,
  { encoder, concepts }: Pick<CompositionContext, 'encoder' | 'concepts'>,
): Embedding {
  if (!objectives.terms.includes('coder')) return plainEmbedding(encoder.dimension);
  return coderEmbedding({ encoder, concepts: branchOf(coder, concepts) }, coder.concepts);
}

type StagesOf = (values: TrainingValues, context: CompositionContext) => readonly Stage[];

const stagesOf: Readonly<Record<Family, StagesOf>> = {
  vse: ({ loss }, { epochLength }) => vseStages(loss, epochLength),
  triplet: ({ triplet }) => throughout(tripletObjective({ margin: triplet.margin, negatives: negativesOf(triplet) })),
  hrem: ({ hrem }, { encoder, epochLength }) => hremStages(hrem, { dimension: encoder.dimension, epochLength }),
  coder: ({ coder }, { concepts, ...context }) => coderStages(coder, { ...context, facts: concepts }),
  icc: (values, context) => {
    const { icc, clusters, image, text } = values;
    const { encoder, pairs, epochLength } = context;
    const { dimension: teacherDimension } = embeddingOf(values, context);
    return iccStages(icc, {
      options: iccOptionsOf(icc, { encoder, pairs, rounds: clusters.start !== null, teacherDimension }),
      towers: stagedTowers(encoder, { image: image.kind === 'pretrained', text: text.kind === 'pretrained' }),
      storable: (['image', 'text'] as const).filter((side) => storedFormOf(encoder[side]) !== undefined),
      crossHeads: icc.heads.towerWidth !== null,
      epochLength,
      clustersFrom: clusters.start,
    });
  },
};

/**
 * The stages of a run: those of its objectives laid over one another.
 *
 *     loss = Σ weight · term      terms: `objectives.terms`, and graded relevance by `relevance.weight`
 *
 * @throws the coded errors of objectives whose options do not fit the batch
 */
export function compositionOf(values: TrainingValues, context: CompositionContext): Stage[] {
  const { terms, weights } = values.objectives;
  const parts = terms.map((family, i) => ({ stages: stagesOf[family](values, context), weight: weights[i] ?? 1 }));
  const { relevance } = values;
  if (relevance.weight > 0) {
    const ranking = rankingOf(relevance, context.pairs);
    const objective = relevanceObjective({ pairs: context.pairs, ranking });
    parts.push({ stages: throughout(objective), weight: relevance.weight });
  }
  return overlaid(parts);
}
