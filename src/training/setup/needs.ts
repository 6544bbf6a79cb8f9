/** @file What a run will need in memory, from its shapes. */

import { pooledWidth } from '../../encoders/heads/towers.ts';
import type { PretrainedEncoder } from '../../encoders/pretrained/encoder.ts';
import { describedPretrained, requireImage, requireText } from '../../encoders/pretrained/read.ts';
import { describedSentences } from '../../encoders/pretrained/sentence-model.ts';
import type { Spec } from '../../graph/tensor.ts';
import { countOf } from '../../graph/values.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { MemoryNeeds } from '../memory.ts';
import type { ModelFacts } from './model.ts';

/** Tensors of a region or a word that live from the forward to the backward pass: in a projection or recurrence … */
const keptPerRow = 12;
/** … and in one Transformer layer (norms, query, key, value, heads, and four times the width in between). */
const keptPerLayer = 20;

type Values = Pick<TrainingValues, 'embedding' | 'image' | 'text' | 'heads' | 'training'>;

/** @param state leaves of the state */
export function memoryNeeds(
  state: readonly (readonly [string, Spec])[],
  values: Values,
  facts: ModelFacts,
): MemoryNeeds {
  const { batchSize, prefetch } = values.training;
  const image = imageNeeds(values, facts);
  return {
    state: state.reduce((bytes, [, { shape }]) => bytes + 4 * countOf(shape as number[]), 0),
    batch: batchSize * image.fed,
    activations: 4 * batchSize * (image.kept + textNeeds(values, facts)),
    batchSize,
    prefetch,
  };
}

/** Bytes that are fed, and numbers that are kept, for one image. */
function imageNeeds(values: Values, { features, pretrained }: ModelFacts): { fed: number; kept: number } {
  const { image, embedding } = values;
  const { dimension } = embedding;
  if (features) {
    const { regions, width, dtype } = features;
    if (image.kind === 'vector') return { fed: 2 * pooledWidth(width), kept: headNeeds(values, pooledWidth(width)) };
    return {
      fed: regions * width * (dtype === 'float16' ? 2 : 4),
      kept: regions * (width + keptPerRow * dimension),
    };
  }
  if (pretrained?.image) {
    const { size, tokens, ...shape } = requireImage(describedPretrained(pretrained.image));
    return { fed: 3 * size ** 2, kept: layersNeed(tokens, layersOf(shape)) + tokens * dimension };
  }
  const rows = (image.imageSize / image.patchSize) ** 2;
  return { fed: 3 * image.imageSize ** 2, kept: layersNeed(rows, image) + rows * dimension };
}

/** Numbers that are kept for one caption. */
function textNeeds(values: Values, { longest, sentences, pretrained }: ModelFacts): number {
  const { text, embedding } = values;
  const head = sentences ? headNeeds(values, describedSentences(sentences).dimension) : 0;
  if (text.kind === 'vector') return head;
  const pooled = longest * keptPerRow * embedding.dimension;
  const model = pretrained?.text ?? sentences?.model;
  if (model) return layersNeed(longest, layersOf(requireText(describedPretrained(model)))) + pooled + head;
  return text.kind === 'transformer' ? layersNeed(longest, text) + pooled : pooled;
}

/** The standardised vector before and after dropout, and the same of what is between two maps. */
function headNeeds({ heads, embedding }: Values, width: number): number {
  return 3 * width + 4 * heads.hidden + 2 * embedding.dimension;
}

/** A pretrained encoder as layers; heads are mostly 64 wide. */
function layersOf({ width, parameters }: Pick<PretrainedEncoder<never>, 'width' | 'parameters'>) {
  return { width, layers: Object.keys(parameters.layers).length, heads: width / 64 };
}

function layersNeed(rows: number, { layers, width, heads }: { layers: number; width: number; heads: number }): number {
  return layers * rows * (keptPerLayer * width + 2 * heads * rows);
}
