/** @file What an exported model is compared on: images and captions of a split, or drawn from a seed. */
import type { ImageRecord } from '../data/dataset.ts';
import { captionsOf } from '../data/relation.ts';
import type { Tokenizer } from '../data/tokens/tokenizer.ts';
import { toFloat16 } from '../files/float16.ts';
import { Random } from '../random/random.ts';
import type { Progress } from '../system/progress.ts';
import { CaptionSide, widthsUpTo } from '../training/batches/captions.ts';
import { PixelSide } from '../training/batches/pixels.ts';
import { RegionSide } from '../training/batches/regions.ts';
import type { Side } from '../training/batches/side.ts';
import type { FeatureFiles } from '../training/setup/features.ts';
import { openImages } from '../training/setup/images.ts';
import type { ModelFacts } from '../training/setup/model.ts';
import type { Trained } from './trained.ts';

/** Images of a split that are compared, at most, with all their captions. */
const MOST = 128;
/** Images and texts that are drawn. */
const DRAWN = 32;

/** What both models are given. */
export interface Inputs {
  readonly count: number;
  readonly images: Side;
  readonly texts: readonly string[];
  /** Picture of each image, where there is one. */
  readonly paths: readonly (string | undefined)[];
}

/** Some images of a split, spread evenly over it. */
export function sampleOf(images: readonly ImageRecord[]): ImageRecord[] {
  const count = Math.min(MOST, images.length);
  return Array.from({ length: count }, (_, i) => images[Math.floor((i * images.length) / count)]);
}

/** Reads images and captions as training does. @throws what reading them throws */
export async function realInputs(
  sample: readonly ImageRecord[],
  { values, facts, tokenizer }: Trained,
  files: FeatureFiles,
  progress: Progress,
): Promise<Inputs> {
  const { side } = await openImages(sample, values, files, progress);
  // The trained graph has room for the captions of the run, and the data may have changed since.
  const texts = captionsOf(sample)
    .map(({ text }) => text)
    .filter((text) => tokenizer.encode(text).length <= facts.longest);
  return { count: sample.length, images: side, texts, paths: sample.map(({ path }) => path) };
}

/** Draws images and captions in the form of those of a run. */
export function drawnInputs({ values, facts, tokenizer }: Trained): Inputs {
  const random = new Random(values.training.seed, 'texts to compare on');
  return {
    count: DRAWN,
    images: facts.features ? drawnFeatures(facts.features) : drawnPixels(values.image.imageSize),
    texts: Array.from({ length: DRAWN }, () => drawnText(tokenizer, facts.longest, random)),
    paths: [],
  };
}

function drawnPixels(size: number): Side {
  const random = new Random('pixels to compare on');
  return new PixelSide(
    Uint8Array.from({ length: DRAWN * 3 * size * size }, () => random.integer(256)),
    size,
  );
}

function drawnFeatures({ regions, width, dtype }: NonNullable<ModelFacts['features']>): Side {
  const read = async (image: number): Promise<Float32Array | Uint16Array> => {
    const random = new Random('features to compare on', image);
    const values = Float32Array.from({ length: regions * width }, () => random.normal());
    return dtype === 'float16' ? toFloat16(values) : values;
  };
  return new RegionSide({ regions, width, views: 1, dtype, read }, { regionDrop: 0, viewProbability: 0 });
}

/** Words of the vocabulary in no order, at most as long as a caption of the run. */
function drawnText(tokenizer: Tokenizer, longest: number, random: Random): string {
  const words = Array.from({ length: 1 + random.integer(longest) }, () =>
    tokenizer.decode([random.integer(tokenizer.size)]),
  );
  while (words.length > 1 && tokenizer.encode(words.join(' ')).length > longest) words.pop();
  return words.join(' ');
}

/** Captions as the trained graph takes them. */
export function captionSide(texts: readonly string[], { values, facts, tokenizer }: Trained): Side {
  return new CaptionSide(
    texts.map((text) => tokenizer.tokenize(text)),
    {
      tokenizer,
      widths: widthsUpTo(facts.longest),
      order: values.text.kind === 'bigru' ? 'time' : 'sequence',
    },
  );
}
