/** @file What a run learns from and is judged by: images with features or pixels, and captions as ids. */
import { createHash } from 'node:crypto';
import type { Dataset, ImageRecord, Split } from '../../data/dataset.ts';
import { captionImageRows, captionsOf, imagesOf } from '../../data/relation.ts';
import { DiptychError } from '../../errors/error.ts';
import { type Relation, relationOf } from '../../evaluation/relation.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { Progress } from '../../system/progress.ts';
import type { PairSource } from '../batches/pairs.ts';
import type { NamedTensors } from '../engine.ts';
import type { FeatureFiles } from './features.ts';
import { givenModels, givenStatistics, givenTuned, noteLeftOut } from './given.ts';
import { openImages } from './images.ts';
import type { ModelFiles } from './model-files.ts';
import { openTexts, readingOf } from './texts.ts';
import { vectorCache } from './vectors/cache.ts';
import { sentenceTable } from './vectors/sentences.ts';

/** Images of one part of the data with their captions. */
export interface Part {
  readonly images: readonly ImageRecord[];
  readonly relation: Relation;
  readonly pairs: PairSource;
}

export interface Materials extends ModelFiles {
  readonly train: Part;
  readonly val: Part;
  /** First values that are not drawn, by path in the state. */
  readonly given: NamedTensors;
  /** SHA-256 of all that was read, by what it is. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

/** The images of some splits. @throws DIPTYCH_TRAINING_SPLIT if there are none */
export function requireImages(dataset: Dataset, splits: readonly string[]): ImageRecord[] {
  const known = [...new Set(dataset.images.map(({ split }) => split))];
  for (const split of splits) {
    if (!known.includes(split as Split)) throw new DiptychError('DIPTYCH_TRAINING_SPLIT', { split, known });
  }
  return imagesOf(dataset, ...(splits as Split[]));
}

/**
 * Opens both parts of the data.
 *
 * @throws DIPTYCH_TRAINING_SPLIT, DIPTYCH_TRAINING_FEATURES, DIPTYCH_TRAINING_PICTURES, and the coded errors of tokenizers,
 *   feature files and pictures
 */
export async function gather(
  values: TrainingValues,
  dataset: Dataset,
  files: FeatureFiles,
  progress: Progress,
): Promise<Materials> {
  const images = {
    train: requireImages(dataset, values.data.trainSplits),
    val: requireImages(dataset, [values.data.valSplit]),
  };
  const texts = { train: textsOf(images.train), val: textsOf(images.val) };
  const reading = await readingOf(values, texts.train);
  const { tokenizer, tuned } = reading;
  const sentences = reading.sentences ?? tuned;
  const models = await givenModels(values, progress);
  if (sentences) noteLeftOut(values.text.model!, sentences.leftOut, progress);
  const captions = await openTexts([texts.train, texts.val], values, reading, {
    cache: vectorCache(values),
    progress,
  });
  const single = { ...values, features: { ...values.features, averagedViews: 1 } };
  const train = await openImages(images.train, single, files, progress, models.descriptions);
  const val = await openImages(images.val, values, files, progress, models.descriptions);
  const [trainTexts, valTexts] = captions.parts;
  const { descriptions } = models;
  return {
    train: partOf(images.train, { image: train.side, text: trainTexts.side }),
    val: partOf(images.val, { image: val.side, text: valTexts.side }),
    ...reading,
    facts: {
      vocabulary: tokenizer.size,
      longest: captions.longest,
      features: val.features,
      ...(sentences && { sentences: sentences.description }),
      ...(Object.keys(descriptions).length > 0 && { pretrained: descriptions }),
    },
    given: new Map([
      ...models.weights,
      ...(tuned ? await givenTuned(tuned, await tunedVectors()) : []),
      ...(train.vectors ? await givenStatistics('image', train.vectors) : []),
      ...(trainTexts.vectors ? await givenStatistics('text', trainTexts.vectors) : []),
    ]),
    fingerprints: {
      [`data set ${dataset.name}`]: dataset.fingerprint,
      tokenizer: sha256(JSON.stringify(tokenizer.toJSON())),
      ...(train.fingerprint && { 'training pictures': train.fingerprint }),
      ...(val.fingerprint && { 'validation pictures': val.fingerprint }),
      ...(sentences && { 'text model': sentences.description.model.fingerprint }),
      ...Object.fromEntries(Object.entries(descriptions).map(([side, model]) => [`${side} model`, model.fingerprint])),
      ...(await files.fingerprints()),
    },
  };

  /** Sentence vectors of the training captions before the encoder is trained. */
  async function tunedVectors() {
    const all = [texts.train, texts.val].flat();
    const table = await sentenceTable(all, tuned!, vectorCache(values), progress);
    return { table, rows: Int32Array.from(texts.train, (_, row) => row) };
  }
}

/** Pairs of one image are never negatives of each other. @throws DIPTYCH_TRAINING_ONE_IMAGE */
export function requireSeveralImages({ relation }: Pick<Part, 'relation'>): void {
  const { imageIds, captionIds } = relation;
  if (imageIds.length >= 2) return;
  throw new DiptychError('DIPTYCH_TRAINING_ONE_IMAGE', { id: imageIds[0], captions: captionIds.length });
}

function textsOf(images: readonly ImageRecord[]): string[] {
  return captionsOf(images).map(({ text }) => text);
}

/** Images with their captions in the order of `captionsOf`. */
export function partOf(images: readonly ImageRecord[], sides: Pick<PairSource, 'image' | 'text'>): Part {
  return { images, relation: relationOf(images), pairs: { ...sides, imageOfCaption: captionImageRows(images) } };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
