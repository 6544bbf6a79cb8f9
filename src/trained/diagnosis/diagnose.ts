/** @file Everything that is asked of a trained space, as one record. */
import type { Relation } from '../../evaluation/relation.ts';
import type { Embeddings } from '../../evaluation/scores.ts';
import { alignment, modalityGap, uniformity } from './geometry.ts';
import { type Hubness, hubnessOf, occurrences } from './hubness.ts';
import type { ObjectiveCurve } from './objectives.ts';
import { type Similarities, scoresOf, similaritiesOf } from './similarities.ts';
import { type Spectrum, spectrumOf } from './spectrum.ts';

/** Hubs that are named. */
const HUBS = 12;

export interface Diagnosis {
  readonly model: string;
  readonly split: string;
  readonly images: number;
  readonly captions: number;
  /** Images as answers to captions, captions as answers to images. */
  readonly hubness: { readonly images: Hubness; readonly captions: Hubness };
  /** Ids of the hubs, in their order. */
  readonly hubIds: { readonly images: readonly string[]; readonly captions: readonly string[] };
  readonly modalityGap: number;
  readonly alignment: number;
  readonly uniformity: { readonly images: number; readonly captions: number };
  readonly spectrum: { readonly images: Spectrum; readonly captions: Spectrum };
  readonly similarities: Similarities;
  /** Empty for a bundle, which has no log. */
  readonly objectives: readonly ObjectiveCurve[];
}

export interface DiagnosisInput {
  readonly model: string;
  readonly split: string;
  /** Of unit length, in the order of the relation. */
  readonly embeddings: Embeddings;
  readonly relation: Relation;
  /** Neighbours that hubs are counted among. */
  readonly k: number;
  readonly objectives: readonly ObjectiveCurve[];
}

/** Looks at a trained space. At least two images and one caption. */
export function diagnose({ model, split, embeddings, relation, k, objectives }: DiagnosisInput): Diagnosis {
  const { images, captions, dimension } = embeddings;
  const { imageIds, captionIds, imageOf } = relation;
  const hubs = {
    images: hubnessOf(occurrences(captions, images, dimension, Math.min(k, imageIds.length)), k, HUBS),
    captions: hubnessOf(occurrences(images, captions, dimension, Math.min(k, captionIds.length)), k, HUBS),
  };
  return {
    model,
    split,
    images: imageIds.length,
    captions: captionIds.length,
    hubness: hubs,
    hubIds: {
      images: hubs.images.hubs.map(({ item }) => imageIds[item]),
      captions: hubs.captions.hubs.map(({ item }) => captionIds[item]),
    },
    modalityGap: modalityGap(images, captions, dimension),
    alignment: alignment(embeddings, imageOf),
    uniformity: { images: uniformity(images, dimension), captions: uniformity(captions, dimension) },
    spectrum: { images: spectrumOf(images, dimension), captions: spectrumOf(captions, dimension) },
    similarities: similaritiesOf(scoresOf(embeddings, imageOf)),
    objectives,
  };
}
