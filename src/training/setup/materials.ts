/** @file What a run learns from and is judged by: images with features or pixels, and captions as ids. */
import { createHash } from 'node:crypto';
import type { TrainingValues } from '../../methods/schema.ts';
import type { Dataset, ImageRecord, Split } from '../../data/dataset.ts';
import { captionImageRows, captionsOf, imagesOf } from '../../data/relation.ts';
import type { TokenizedText } from '../../data/tokens/tokenizer.ts';
import { DiptychError } from '../../errors/error.ts';
import { type Relation, relationOf } from '../../evaluation/relation.ts';
import type { Progress } from '../../system/progress.ts';
import { CaptionSide, widthsUpTo } from '../batches/captions.ts';
import type { PairSource } from '../batches/pairs.ts';
import { corruptionOf, longestOf, tokenizeAll, tokenizerOf } from './captions.ts';
import type { FeatureFiles } from './features.ts';
import { openImages } from './images.ts';
import type { ModelFiles } from './model-files.ts';

/** Images of one part of the data with their captions. */
export interface Part {
  readonly images: readonly ImageRecord[];
  readonly relation: Relation;
  readonly pairs: PairSource;
}

export interface Materials extends ModelFiles {
  readonly train: Part;
  readonly val: Part;
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
  const tokenizer = await tokenizerOf(values.tokens, texts.train);
  const captions = {
    train: await tokenizeAll(texts.train, tokenizer),
    val: await tokenizeAll(texts.val, tokenizer),
  };
  const longest = Math.max(longestOf(captions.train), longestOf(captions.val));
  const train = await openImages(images.train, values, files, progress);
  const val = await openImages(images.val, values, files, progress);
  const textSide = (part: readonly TokenizedText[]) =>
    new CaptionSide(part, {
      tokenizer,
      widths: widthsUpTo(longest),
      order: values.text.kind === 'bigru' ? 'time' : 'sequence',
      corruption: corruptionOf(values.augmentation),
    });
  return {
    train: partOf(images.train, { image: train.side, text: textSide(captions.train) }),
    val: partOf(images.val, { image: val.side, text: textSide(captions.val) }),
    tokenizer,
    facts: { vocabulary: tokenizer.size, longest, features: train.features },
    fingerprints: {
      [`data set ${dataset.name}`]: dataset.fingerprint,
      tokenizer: sha256(JSON.stringify(tokenizer.toJSON())),
      ...(train.fingerprint && { 'training pictures': train.fingerprint }),
      ...(val.fingerprint && { 'validation pictures': val.fingerprint }),
      ...(await files.fingerprints()),
    },
  };
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
