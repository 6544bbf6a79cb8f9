/** @file What a run will need in memory, from its shapes. */

import { pooledWidth } from '../../encoders/heads/towers.ts';
import type { PretrainedEncoder } from '../../encoders/pretrained/encoder.ts';
import { describedPretrained, requireImage, requireText } from '../../encoders/pretrained/read.ts';
import { describedSentences } from '../../encoders/pretrained/sentence-model.ts';
import type { Spec } from '../../graph/tensor.ts';
import { countOf } from '../../graph/values.ts';
import { hasKeyViews } from '../../methods/coder/options.ts';
import { needsViews } from '../../methods/icc/objective.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { MemoryNeeds } from '../memory.ts';
import type { ModelFacts } from './model.ts';

/** Tensors of a region or a word that live from the forward to the backward pass: in a projection or recurrence … */
const keptPerRow = 12;
/** … and in one Transformer layer (norms, query, key, value, heads, and four times the width in between). */
const keptPerLayer = 20;
/** The same in a fragment layer, beside twice its inner width. */
const keptPerFragment = 12;
/** Tensors of a row that a pass without gradient, such as that of a momentum copy, has at a time. */
const passing = 3;

const sides = ['image', 'text'] as const;

type Values = Pick<
  TrainingValues,
  'embedding' | 'image' | 'text' | 'heads' | 'training' | 'relation' | 'objectives' | 'icc' | 'coder'
>;

/**
 * @param state leaves of the state
 * @param stored bytes of vectors that are computed once: `storedBytes`
 */
export function memoryNeeds(
  state: readonly (readonly [string, Spec])[],
  values: Values,
  facts: ModelFacts,
  stored: number,
): MemoryNeeds {
  const { batchSize, prefetch } = values.training;
  const image = imageNeeds(values, facts);
  const views = viewsOf(values);
  const { dimension } = values.embedding;
  const rows = { image: imageRows(values, facts), text: facts.longest };
  const kept = {
    image: image.kept + fragmentNeeds(values, 'image', rows.image),
    text: textNeeds(values, facts) + fragmentNeeds(values, 'text', rows.text),
  };
  const copies = sides.filter((side) => hasCopy(state, side));
  const copied = copies.reduce((sum, side) => sum + passing * rows[side] * dimension, 0);
  // Keys of CODER may be fed a batch of their own.
  const fed = views.image + (values.objectives.terms.includes('coder') && hasKeyViews(values.coder) ? 1 : 0);
  return {
    state: state.reduce((bytes, [, { shape }]) => bytes + 4 * countOf(shape as number[]), 0),
    batch: batchSize * fed * image.fed,
    activations: 4 * batchSize * (views.image * kept.image + views.text * kept.text + copied),
    stored,
    batchSize,
    prefetch,
  };
}

/** Views of a pair that gradients go through. */
function viewsOf({ objectives, icc }: Values): { image: number; text: number } {
  if (!objectives.terms.includes('icc') || !needsViews(icc)) return { image: 1, text: 1 };
  return { image: icc.views.image === 'three' ? 3 : 2, text: 2 };
}

/** Whether an objective keeps a momentum copy of a tower. */
function hasCopy(state: readonly (readonly [string, Spec])[], side: 'image' | 'text'): boolean {
  return state.some(([path]) => path.startsWith('memory.') && path.includes(`.keys.${side}.`));
}

/** Regions or patches of an image; 1 where it comes as one vector. */
function imageRows({ image }: Values, { features, pretrained }: ModelFacts): number {
  if (image.kind === 'vector') return 1;
  if (features) return features.regions;
  if (pretrained?.image) return requireImage(describedPretrained(pretrained.image)).tokens;
  return (image.imageSize / image.patchSize) ** 2;
}

/** Numbers that a fragment layer keeps for one item. */
function fragmentNeeds({ relation, embedding }: Values, side: 'image' | 'text', rows: number): number {
  if (relation.layer !== side && relation.layer !== 'both') return 0;
  return rows * (keptPerFragment * embedding.dimension + 2 * relation.hidden + 2 * relation.heads * rows);
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
