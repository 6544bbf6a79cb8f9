/** @file From options to the model: towers, and the vectors that are searched. */

import { gridTower } from '../../encoders/grid.ts';
import { pixelTower } from '../../encoders/pixels.ts';
import type { SentenceDescription } from '../../encoders/pretrained/sentence-model.ts';
import type { DualEncoder, Tower } from '../../encoders/tower.ts';
import { recurrentTower, transformerTextTower } from '../../encoders/words.ts';
import type { ConceptFacts } from '../../methods/coder/facts.ts';
import { embeddingOf } from '../../methods/composition.ts';
import { relationTower } from '../../methods/hrem/relation-tower.ts';
import { headedTower } from '../../methods/icc/headed-tower.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { Pooling } from '../../nn/pooling/pooling.ts';
import { widthsUpTo } from '../batches/captions.ts';
import type { Model } from '../program/encode.ts';
import { fineTunedImages, fineTunedTexts, headOverFeatures, headOverSentences, tunedSentences } from './borrowed.ts';
import type { GivenModels } from './given.ts';
import { poolingOf } from './pooling.ts';

/** What the data say about the towers. */
export interface ModelFacts {
  /** Ids of the tokenizer. */
  readonly vocabulary: number;
  /** Tokens of the longest caption that comes, marks included. */
  readonly longest: number;
  /** Form of the stored features; undefined for towers over pixels. */
  readonly features:
    | {
        readonly width: number;
        readonly regions: number;
        readonly dtype: 'float16' | 'float32';
        readonly views?: number;
      }
    | undefined;
  /** The encoder of texts, frozen or not, where heads stand on its vectors. */
  readonly sentences?: SentenceDescription | undefined;
  /** What towers of kind `pretrained` begin as. */
  readonly pretrained?: GivenModels['descriptions'] | undefined;
  /** Concepts of the training captions, where an objective asks for them. */
  readonly concepts?: ConceptFacts | undefined;
}

export type ModelValues = Pick<
  TrainingValues,
  'embedding' | 'image' | 'text' | 'tokens' | 'relation' | 'heads' | 'fineTuning' | 'objectives' | 'icc'
>;

/** Towers, and what becomes of the vectors that they pool. */
export function modelOf(values: TrainingValues, facts: ModelFacts): Model {
  const encoder = encoderOf(values, facts);
  return { encoder, embedding: embeddingOf(values, { encoder, concepts: facts.concepts }) };
}

/** Both towers, with cross-modal heads where ICC asks for them. */
export function encoderOf(values: ModelValues, facts: ModelFacts): DualEncoder {
  const { objectives, icc, embedding } = values;
  const { dimension } = embedding;
  const width = objectives.terms.includes('icc') ? icc.heads.towerWidth : null;
  if (width === null) return towersOf(values, facts);
  const { image, text } = towersOf({ ...values, embedding: { dimension: width } }, facts);
  return { image: headedTower(image, width, dimension), text: headedTower(text, width, dimension), dimension };
}

function towersOf(values: ModelValues, facts: ModelFacts): DualEncoder {
  const { dimension } = values.embedding;
  const { layer } = values.relation;
  const related = (side: 'image' | 'text', tower: (pooling: Pooling | undefined) => Tower): Tower => {
    if (layer !== side && layer !== 'both') return tower(undefined);
    // The layer pools by itself, so the tower beneath pools without parameters.
    return relationTower(tower({ kind: 'mean' }), { ...values.relation, dimension, stream: side });
  };
  return {
    image: related('image', (pooling) => imageTower(values, facts, pooling)),
    text: related('text', (pooling) => textTower(values, facts, pooling)),
    dimension,
  };
}

function imageTower(values: ModelValues, facts: ModelFacts, pooling: Pooling | undefined): Tower {
  const { image, embedding } = values;
  const { dimension } = embedding;
  if (image.kind === 'vector') return headOverFeatures(values, facts);
  if (image.kind === 'pretrained') return fineTunedImages(values, facts, pooling);
  if (image.kind === 'pixels') {
    return pixelTower({
      size: image.imageSize,
      patch: image.patchSize,
      width: image.width,
      layers: image.layers,
      heads: image.heads,
      dimension,
      pooling: pooling ?? poolingOf(image, (image.imageSize / image.patchSize) ** 2),
      dropout: image.dropout,
    });
  }
  const { width, regions, dtype } = facts.features!;
  return gridTower({
    featureWidth: width,
    regions,
    featureType: dtype,
    dimension,
    mlp: image.mlp,
    pooling: pooling ?? poolingOf(image, regions),
    dropout: image.dropout,
  });
}

function textTower(values: ModelValues, facts: ModelFacts, pooling: Pooling | undefined): Tower {
  const { text, tokens, embedding } = values;
  const { vocabulary, longest } = facts;
  if (text.kind === 'vector') return headOverSentences(values, facts);
  const { dimension } = embedding;
  const words = {
    vocabulary,
    widths: widthsUpTo(longest),
    longest: tokens.length,
    dimension,
    pooling: pooling ?? poolingOf(text, tokens.length),
    dropout: text.dropout,
  };
  if (text.kind === 'pretrained') {
    return values.fineTuning.head === 'vector'
      ? tunedSentences(values, facts, words)
      : fineTunedTexts(values, facts, pooling, words);
  }
  if (text.kind === 'bigru') return recurrentTower({ ...words, wordDimension: text.wordDimension });
  return transformerTextTower({ ...words, width: text.width, layers: text.layers, heads: text.heads });
}
