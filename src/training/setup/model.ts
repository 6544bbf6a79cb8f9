/** @file From options to towers, optimiser and schedule. */
import type { TrainingValues } from '../../config/training.ts';
import { gridTower } from '../../encoders/grid.ts';
import { pixelTower } from '../../encoders/pixels.ts';
import type { DualEncoder, Tower } from '../../encoders/tower.ts';
import { recurrentTower, transformerTextTower } from '../../encoders/words.ts';
import type { Pooling } from '../../nn/pooling/pooling.ts';
import { widthsUpTo } from '../batches/captions.ts';
import { adam, adamW } from '../optimisers/adam.ts';
import type { OptimiserOptions } from '../optimisers/optimiser.ts';
import type { Rule } from '../optimisers/rule.ts';
import { sgd } from '../optimisers/sgd.ts';
import type { ScheduleOptions } from '../schedule.ts';

/** What the data say about the towers. */
export interface ModelFacts {
  /** Ids of the tokenizer. */
  readonly vocabulary: number;
  /** Tokens of the longest caption that comes, marks included. */
  readonly longest: number;
  /** Form of the stored features; undefined for towers over pixels. */
  readonly features:
    | { readonly width: number; readonly regions: number; readonly dtype: 'float16' | 'float32' }
    | undefined;
}

export type ModelValues = Pick<TrainingValues, 'embedding' | 'image' | 'text' | 'tokens'>;

/** Both towers. */
export function encoderOf(values: ModelValues, facts: ModelFacts): DualEncoder {
  const { dimension } = values.embedding;
  return { image: imageTower(values, facts), text: textTower(values, facts), dimension };
}

function imageTower({ image, embedding }: ModelValues, { features }: ModelFacts): Tower {
  const { dimension } = embedding;
  if (image.kind === 'pixels') {
    return pixelTower({
      size: image.imageSize,
      patch: image.patchSize,
      width: image.width,
      layers: image.layers,
      heads: image.heads,
      dimension,
      pooling: poolingOf(image, (image.imageSize / image.patchSize) ** 2),
      dropout: image.dropout,
    });
  }
  const { width, regions, dtype } = features!;
  return gridTower({
    featureWidth: width,
    regions,
    featureType: dtype,
    dimension,
    mlp: image.mlp,
    pooling: poolingOf(image, regions),
    dropout: image.dropout,
  });
}

function textTower({ text, tokens, embedding }: ModelValues, { vocabulary, longest }: ModelFacts): Tower {
  const { dimension } = embedding;
  const words = {
    vocabulary,
    widths: widthsUpTo(longest),
    longest: tokens.length,
    dimension,
    pooling: poolingOf(text, tokens.length),
    dropout: text.dropout,
  };
  if (text.kind === 'bigru') return recurrentTower({ ...words, wordDimension: text.wordDimension });
  return transformerTextTower({ ...words, width: text.width, layers: text.layers, heads: text.heads });
}

/** A pooling of sequences up to a length. */
function poolingOf({ pooling, topK }: { pooling: Pooling['kind']; topK: number }, longest: number): Pooling {
  switch (pooling) {
    case 'gpo':
      return { kind: 'gpo', longest };
    case 'topK':
      return { kind: 'topK', k: topK };
    default:
      return { kind: pooling };
  }
}

/** The update rule with its groups and clipping. */
export function optimiserOf({ optimiser }: Pick<TrainingValues, 'optimiser'>): OptimiserOptions {
  // A group that decays says nothing: biases and norms in it stay spared.
  const groups = optimiser.groups.map(({ decay, ...group }) => (decay ? group : { ...group, decay }));
  return { rule: ruleOf(optimiser), groups, clipNorm: optimiser.clipNorm };
}

function ruleOf({ kind, betas, epsilon, weightDecay, momentum }: TrainingValues['optimiser']): Rule {
  switch (kind) {
    case 'adamw':
      return adamW({ betas, epsilon, weightDecay });
    case 'adam':
      return adam({ betas, epsilon, weightDecay });
    case 'sgd':
      return sgd({ momentum, weightDecay });
  }
}

/** The schedule of the learning rate. @param epochLength steps of an epoch: milestones are given in epochs */
export function scheduleOptions(
  { schedule, optimiser }: Pick<TrainingValues, 'schedule' | 'optimiser'>,
  epochLength: number,
): ScheduleOptions {
  const { kind, warmupSteps: warmup, milestones, gamma, floor } = schedule;
  const common = { peak: optimiser.learningRate, warmup };
  switch (kind) {
    case 'constant':
      return { ...common, kind };
    case 'step':
      return { ...common, kind, milestones: milestones.map((epoch) => Math.round(epoch * epochLength)), gamma };
    case 'cosine':
      return { ...common, kind, floor };
  }
}
