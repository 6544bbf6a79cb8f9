/** @file What an exported model is compared on: images and captions of a split, or drawn from a seed. */
import type { ImageRecord } from '../data/dataset.ts';
import { outputSize } from '../data/images/preprocess.ts';
import { captionsOf } from '../data/relation.ts';
import type { Tokenizer } from '../data/tokens/tokenizer.ts';
import { pooledWidth } from '../encoders/heads/towers.ts';
import { fromFloat16, toFloat16 } from '../files/float16.ts';
import { Random } from '../random/random.ts';
import type { Progress } from '../system/progress.ts';
import { PixelSide } from '../training/batches/pixels.ts';
import { RegionSide, type RegionSource } from '../training/batches/regions.ts';
import type { Side } from '../training/batches/side.ts';
import { VectorSide } from '../training/batches/vectors.ts';
import type { FeatureFiles } from '../training/setup/features.ts';
import { openImages } from '../training/setup/images.ts';
import type { ModelFacts } from '../training/setup/model.ts';
import { bytesOf } from '../training/setup/pictures.ts';
import { openTexts } from '../training/setup/texts.ts';
import type { Trained } from './trained.ts';

/** Images of a split that are compared, at most, with all their captions. */
const MOST = 128;
/** Images and texts that are drawn. */
const DRAWN = 32;

/** What both models are given. */
export interface Inputs {
  readonly count: number;
  readonly images: Side;
  /** What the exported model takes of them: the same, or the features that vectors were pooled from. */
  readonly exported: Side;
  readonly texts: readonly string[];
  /** Picture of each image, where there is one. */
  readonly paths: readonly (string | undefined)[];
}

/** Some images of a split, spread evenly over it. */
export function sampleOf(images: readonly ImageRecord[]): ImageRecord[] {
  const count = Math.min(MOST, images.length);
  return Array.from({ length: count }, (_, i) => images[Math.floor((i * images.length) / count)]);
}

/**
 * Reads images and captions as training does.
 *
 * @param longest tokens of a caption, at most: the trained graph has room for those of its run, and the data may have changed since
 * @throws what reading them throws
 */
export async function realInputs(
  sample: readonly ImageRecord[],
  { values, facts, tokenizer }: Trained,
  { longest, files, progress }: { readonly longest: number; readonly files: FeatureFiles; readonly progress: Progress },
): Promise<Inputs> {
  const plain = { ...values, features: { ...values.features, averagedViews: 1 } };
  const { side } = await openImages(sample, plain, files, progress, facts.pretrained);
  const cells = { ...plain, image: { ...values.image, kind: 'grid' as const } };
  const exported = values.image.kind === 'vector' ? (await openImages(sample, cells, files, progress)).side : side;
  const texts = captionsOf(sample)
    .map(({ text }) => text)
    .filter((text) => tokenizer.encode(text).length <= longest);
  return { count: sample.length, images: side, exported, texts, paths: sample.map(({ path }) => path) };
}

/** Draws images and captions in the form of those of a run. @param longest tokens of a caption, at most */
export async function drawnInputs({ values, facts, tokenizer }: Trained, longest: number): Promise<Inputs> {
  const random = new Random(values.training.seed, 'texts to compare on');
  return {
    count: DRAWN,
    ...(await drawnImages(values, facts)),
    texts: Array.from({ length: DRAWN }, () => drawnText(tokenizer, longest, random)),
    paths: [],
  };
}

async function drawnImages(
  { image }: Trained['values'],
  { features, pretrained }: ModelFacts,
): Promise<Pick<Inputs, 'images' | 'exported'>> {
  const drawn = features && drawnFeatures(features);
  const exported = drawn
    ? new RegionSide(drawn, { regionDrop: 0, viewProbability: 0 })
    : drawnPixels(outputSize(bytesOf({ image }, pretrained)).width);
  return { exported, images: drawn && image.kind === 'vector' ? await pooledSide(drawn) : exported };
}

/** Mean and maximum of the cells, in half precision as training keeps them. */
async function pooledSide({ regions, width, read }: RegionSource): Promise<Side> {
  const data = new Float32Array(DRAWN * pooledWidth(width));
  for (let image = 0; image < DRAWN; image++) {
    const stored = await read(image, 0);
    const cells = stored instanceof Uint16Array ? fromFloat16(stored) : stored;
    const row = data.subarray(image * pooledWidth(width), (image + 1) * pooledWidth(width));
    row.fill(Number.NEGATIVE_INFINITY, width);
    cells.forEach((value, i) => {
      const d = i % width;
      row[d] += value / regions;
      row[width + d] = Math.max(row[width + d], value);
    });
  }
  return new VectorSide({ data: toFloat16(data), views: 1, width: pooledWidth(width) }, numbersTo(DRAWN));
}

function drawnPixels(size: number): Side {
  const random = new Random('pixels to compare on');
  return new PixelSide(
    Uint8Array.from({ length: DRAWN * 3 * size * size }, () => random.integer(256)),
    size,
  );
}

function drawnFeatures({ regions, width, dtype }: NonNullable<ModelFacts['features']>): RegionSource {
  const read = async (image: number): Promise<Float32Array | Uint16Array> => {
    const random = new Random('features to compare on', image);
    const values = Float32Array.from({ length: regions * width }, () => random.normal());
    return dtype === 'float16' ? toFloat16(values) : values;
  };
  return { regions, width, views: 1, dtype, read };
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
export async function captionSide(texts: readonly string[], trained: Trained, progress: Progress): Promise<Side> {
  const { longest } = trained.facts;
  const { parts } = await openTexts([texts], trained.values, trained, { longest, cache: undefined, progress });
  return parts[0].side;
}

/** 0, 1, … */
export function numbersTo(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}
