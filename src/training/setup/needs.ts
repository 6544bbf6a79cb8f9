/** @file What a run will need in memory, from its shapes. */
import type { TrainingValues } from '../../methods/schema.ts';
import type { Spec } from '../../graph/tensor.ts';
import { countOf } from '../../graph/values.ts';
import type { MemoryNeeds } from '../memory.ts';
import type { ModelFacts } from './model.ts';

/** Tensors of a region or a word that live from the forward to the backward pass: in a projection or recurrence … */
const keptPerRow = 12;
/** … and in one Transformer layer (norms, query, key, value, heads, and four times the width in between). */
const keptPerLayer = 20;

type Values = Pick<TrainingValues, 'embedding' | 'image' | 'text' | 'training'>;

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
function imageNeeds({ image, embedding }: Values, { features }: ModelFacts): { fed: number; kept: number } {
  const { dimension } = embedding;
  if (features) {
    const { regions, width, dtype } = features;
    return {
      fed: regions * width * (dtype === 'float16' ? 2 : 4),
      kept: regions * (width + keptPerRow * dimension),
    };
  }
  const rows = (image.imageSize / image.patchSize) ** 2;
  return { fed: 3 * image.imageSize ** 2, kept: layersNeed(rows, image) + rows * dimension };
}

/** Numbers that are kept for one caption. */
function textNeeds({ text, embedding }: Values, { longest }: ModelFacts): number {
  const pooled = longest * keptPerRow * embedding.dimension;
  return text.kind === 'transformer' ? layersNeed(longest, text) + pooled : pooled;
}

function layersNeed(rows: number, { layers, width, heads }: { layers: number; width: number; heads: number }): number {
  return layers * rows * (keptPerLayer * width + 2 * heads * rows);
}
