/** @file What a run learns from and is judged by: records, features or pixels, and captions as ids. */
import type { Dataset, ImageRecord, Split } from '../../data/dataset.ts';
import { captionImageRows, captionsOf, imagesOf } from '../../data/relation.ts';
import { sizeAugmentation, type WordCorruption, wordDropout } from '../../data/tokens/augment.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { DiptychError } from '../../errors/error.ts';
import { type Relation, relationOf } from '../../evaluation/relation.ts';
import type { RowOrder } from '../../nn/layout.ts';
import type { Progress } from '../../system/progress.ts';
import { CaptionSide, widthsUpTo } from '../batches/captions.ts';
import type { PairSource } from '../batches/pairs.ts';
import { PixelSide } from '../batches/pixels.ts';
import { RegionSide, type RegionSource } from '../batches/regions.ts';
import { type FeatureFiles, regionSource } from './features.ts';
import { loadPictures } from './pictures.ts';

/** Images of one part of the data with their captions. */
export interface Part {
  readonly images: readonly ImageRecord[];
  readonly relation: Relation;
  readonly pairs: PairSource;
}

/** How images are read. */
export type ImageReading =
  | {
      readonly kind: 'grid';
      readonly features: string | undefined;
      readonly regionDrop: number;
      readonly viewProbability: number;
    }
  | { readonly kind: 'pixels'; readonly size: number };

/** How captions are read. */
export interface TextReading {
  readonly tokenizer: Tokenizer;
  readonly maxLength: number;
  readonly order: RowOrder;
  readonly wordDrop: number;
}

/** The images of some splits. @throws DIPTYCH_TRAINING_SPLIT if there are none */
export function requireImages(dataset: Dataset, splits: readonly string[]): ImageRecord[] {
  const known = [...new Set(dataset.images.map(({ split }) => split))];
  for (const split of splits) {
    if (!known.includes(split as Split)) throw new DiptychError('DIPTYCH_TRAINING_SPLIT', { split, known });
  }
  return imagesOf(dataset, ...(splits as Split[]));
}

/** Tokens of the longest caption, marks included and cut as training cuts them. */
export function longestCaption(
  texts: readonly string[],
  { tokenizer, maxLength }: Pick<TextReading, 'tokenizer' | 'maxLength'>,
): number {
  return texts.reduce((longest, text) => Math.max(longest, tokenizer.encode(text, { maxLength }).length), 1);
}

/** Opens the images of one part and their captions. */
export async function openPart(
  images: readonly ImageRecord[],
  reading: { image: ImageReading; text: TextReading; longest: number },
  files: FeatureFiles,
  progress: Progress,
): Promise<{ part: Part; regions: RegionSource | undefined }> {
  const { image, text, longest } = reading;
  const regions = image.kind === 'grid' ? await regionSource(files, images, image.features) : undefined;
  const imageSide =
    image.kind === 'pixels'
      ? new PixelSide(await loadPictures(images, image.size, progress), image.size)
      : new RegionSide(regions!, image);
  const textSide = new CaptionSide(
    captionsOf(images).map((caption) => caption.text),
    {
      tokenizer: text.tokenizer,
      maxLength: text.maxLength,
      widths: widthsUpTo(longest),
      order: text.order,
      corruption: corruptionOf(text),
    },
  );
  const pairs = { image: imageSide, text: textSide, imageOfCaption: captionImageRows(images) };
  return { part: { images, relation: relationOf(images), pairs }, regions };
}

/** Where the tokenizer has a mask, words are corrupted as in HREM; a counted vocabulary hides or removes them. */
function corruptionOf({ tokenizer, wordDrop }: TextReading): WordCorruption | undefined {
  if (wordDrop === 0) return undefined;
  return { ...(tokenizer.maskId === undefined ? wordDropout : sizeAugmentation), probability: wordDrop };
}
