/** @file The model of a bundle: plain ONNX encoders, over features where they are named, else over the pictures. */
import { type Bundle, openBundle } from '../bundle/open.ts';
import type { ImageRecord } from '../data/dataset.ts';
import { viewMean } from '../data/features/view-mean.ts';
import { captionsOf } from '../data/relation.ts';
import { joined } from '../data/vectors.ts';
import { DiptychError } from '../errors/error.ts';
import { fromFloat16 } from '../files/float16.ts';
import type { TrainingValues } from '../methods/schema.ts';
import { FeatureFiles, regionSource } from '../training/setup/features.ts';
import type { EmbedOptions, TrainedModel } from './model.ts';

/** Images and texts that are encoded together. */
const PIECE = 64;

/**
 * @param features feature file to read in place of pictures
 * @throws as `openBundle`
 */
export async function openBundleModel(
  folder: string,
  { features, machine }: { features: string | undefined; machine: TrainingValues['machine'] },
): Promise<TrainedModel> {
  const { device, threads } = machine;
  const bundle = await openBundle(folder, { device, ...(threads > 0 && { threads }) });
  const { name, images } = bundle.manifest;
  return {
    name,
    folder,
    fingerprint: bundle.fingerprint,
    featureSource: images.kind === 'pixels' ? `pixels, ${images.size} x ${images.size}` : (features ?? 'pictures'),
    share: bundle.manifest.share,
    selectedOn: undefined,
    seed: undefined,
    async embed(records, options) {
      const texts = captionsOf(records).map(({ text }) => text);
      const source = images.kind === 'features' && features !== undefined;
      return {
        images: source
          ? await fromFeatures(bundle, records, features, options)
          : await fromPictures(bundle, records, options),
        captions: await inPieces(texts, 'captions', options, async (piece) => joined(await bundle.encodeTexts(piece))),
        dimension: bundle.dimension,
      };
    },
    close: () => bundle.close(),
  };
}

function fromPictures(bundle: Bundle, images: readonly ImageRecord[], options: EmbedOptions): Promise<Float32Array> {
  return inPieces(images, 'images', options, async (piece) => {
    const paths = piece.map(({ id, path }) => path ?? refuse(id, 'the data set names no picture'));
    const vectors = await bundle.encodeImages(paths);
    return joined(vectors.map((vector, i) => ('error' in vector ? refuse(paths[i], vector.error) : vector)));
  });
}

async function fromFeatures(
  bundle: Bundle,
  images: readonly ImageRecord[],
  path: string,
  options: EmbedOptions,
): Promise<Float32Array> {
  const files = new FeatureFiles();
  try {
    const { regions, width, views: stored, read } = await regionSource(files, images, path);
    requireForm(bundle, regions, width);
    const { images: input } = bundle.manifest;
    const views = Math.min(stored, input.kind === 'features' ? (input.views ?? 1) : 1);
    const rows = images.map((_, row) => row);
    return await inPieces(rows, 'images', options, async (piece) => {
      const seen: Float32Array[] = [];
      for (let view = 0; view < views; view++) {
        const rows = await Promise.all(piece.map((row) => read(row, view)));
        seen.push(
          await bundle.encodeFeatures(joined(rows.map((row) => (row instanceof Uint16Array ? fromFloat16(row) : row)))),
        );
      }
      return viewMean(seen, bundle.dimension);
    });
  } finally {
    await files.close();
  }
}

/** @throws DIPTYCH_MODEL_FEATURES */
function requireForm({ folder, manifest: { images } }: Bundle, regions: number, width: number): void {
  if (images.kind === 'pixels' || (images.regions === regions && images.width === width)) return;
  const expected = `${images.regions} x ${images.width}`;
  throw new DiptychError('DIPTYCH_MODEL_FEATURES', { model: folder, expected, found: `${regions} x ${width}` });
}

function refuse(path: string, reason: string): never {
  throw new DiptychError('DIPTYCH_MODEL_PICTURE', { path, reason });
}

/** Encodes items piece by piece. @returns all vectors, one after the other */
async function inPieces<T>(
  items: readonly T[],
  unit: string,
  { progress, signal }: EmbedOptions,
  encode: (piece: readonly T[]) => Promise<Float32Array>,
): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  for (let start = 0; start < items.length; start += PIECE) {
    signal.throwIfAborted();
    pieces.push(await encode(items.slice(start, start + PIECE)));
    progress.update({ done: Math.min(start + PIECE, items.length), total: items.length, unit });
  }
  return joined(pieces);
}
