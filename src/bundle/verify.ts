/** @file Comparing an exported model with the graph that was trained, on real inputs or on drawn ones. */
import type { ImageRecord } from '../data/dataset.ts';
import { plainView } from '../data/images/preprocess.ts';
import { joined } from '../data/vectors.ts';
import { DiptychError, isDiptychError } from '../errors/error.ts';
import { fromFloat16 } from '../files/float16.ts';
import type { TypedArray } from '../graph/values.ts';
import type { Progress } from '../system/progress.ts';
import { FeatureFiles } from '../training/setup/features.ts';
import { type Comparison, compare } from './compare.ts';
import { imageInput } from './models.ts';
import type { Bundle } from './open.ts';
import { referenceVectors } from './reference.ts';
import type { Trained } from './trained.ts';
import { drawnInputs, type Inputs, numbersTo, realInputs } from './verify-inputs.ts';

/** How far the exported vectors may be from the trained ones, in any number of a unit vector. */
export const ALLOWED = 1e-4;
/** How like vectors of pictures must be to those of their stored features, which were rounded and perhaps decoded otherwise. */
const LEAST_COSINE = 0.999;

/** Pictures compared from their files on. */
const PICTURES = 16;
const AT_ONCE = 32;

export interface Verification {
  /** Where inputs came from: the validation split, or drawn from a seed. */
  readonly inputs: 'val' | 'drawn';
  /** Exported and trained model on the same pixels or features. */
  readonly images: Comparison;
  /** Exported and trained model on the same captions. */
  readonly texts: Comparison;
  /** Picture files through the whole bundle, and what training read of them; undefined where no picture is at hand. */
  readonly pictures: Comparison | undefined;
}

export interface VerifyOptions {
  /** Images with captions; undefined draws inputs. */
  readonly sample: readonly ImageRecord[] | undefined;
  readonly progress: Progress;
}

/**
 * Compares a bundle with the trained graph, or with all of an ensemble, each on inputs as it learnt from.
 *
 * @throws DIPTYCH_EXPORT_DIFFERS, DIPTYCH_EXPORT_BACKBONE, DIPTYCH_EXPORT_INPUTS, DIPTYCH_BACKBONE_…
 */
export async function verifyBundle(
  bundle: Bundle,
  members: readonly Trained[],
  { sample, progress }: VerifyOptions,
): Promise<Verification> {
  const files = new FeatureFiles();
  const longest = Math.min(...members.map(({ facts }) => facts.longest));
  const inputsOf = async (trained: Trained): Promise<Inputs> => {
    if (!sample) return drawnInputs(trained, longest);
    return realInputs(sample, trained, { longest, files, progress }).catch((cause) => {
      throw outOfReach(trained.run, cause);
    });
  };
  try {
    const inputs: Inputs[] = [];
    for (const trained of members) inputs.push(await inputsOf(trained));
    const [first] = inputs;
    const reference = await referenceVectors(await bundle.models.runtime(), members, inputs, progress);
    const own = await ownVectors(bundle, first);
    const images = compare(own, reference.image, bundle.dimension);
    const texts = compare(joined(await bundle.encodeTexts(first.texts)), reference.text, bundle.dimension);
    requireEqual('vectors of images', images);
    requireEqual('vectors of captions', texts);
    const pictures = bundle.takesPictures ? await comparePictures(bundle, first.paths, own) : undefined;
    return { inputs: sample ? 'val' : 'drawn', images, texts, pictures };
  } finally {
    await files.close();
  }
}

/** Vectors of what training reads of the images, by the bundle: [count, dimension]. */
async function ownVectors(bundle: Bundle, { exported, count }: Inputs): Promise<Float32Array> {
  const { name } = imageInput(bundle.manifest.images);
  const vectors = new Float32Array(count * bundle.dimension);
  for (let start = 0; start < count; start += AT_ONCE) {
    const items = numbersTo(Math.min(AT_ONCE, count - start)).map((i) => start + i);
    const drawn = await exported.draw(items, undefined);
    const feeds = await drawn.feeds([...items.keys()]);
    vectors.set(await bundle.models.images(widened(feeds.get(name)!.data)), start * bundle.dimension);
  }
  return vectors;
}

/** Bytes, half-precision patterns or numbers as float32. */
function widened(data: TypedArray): Float32Array {
  return data instanceof Uint16Array ? fromFloat16(data) : Float32Array.from(data);
}

/** Pictures from their files on, decoding, resizing and backbone included. */
async function comparePictures(
  bundle: Bundle,
  paths: readonly (string | undefined)[],
  own: Float32Array,
): Promise<Comparison | undefined> {
  const { dimension, folder, manifest } = bundle;
  const places = [...paths.keys()].filter((i) => paths[i] !== undefined).slice(0, PICTURES);
  // Without a picture the processes are started all the same: they tell whether the backbone fits.
  const vectors = await bundle.encodeImages(
    places.map((i) => paths[i]!),
    [plainView],
  );
  const read = places.flatMap((place, i) => {
    const vector = vectors[i];
    return vector instanceof Float32Array ? [{ place, vector }] : [];
  });
  if (read.length === 0) return undefined;
  const pictures = compare(
    joined(read.map(({ vector }) => vector)),
    joined(read.map(({ place }) => own.subarray(place * dimension, (place + 1) * dimension))),
    dimension,
  );
  if (manifest.images.kind === 'pixels') requireEqual('vectors of picture files', pictures);
  else if (!(pictures.cosine >= LEAST_COSINE)) {
    const reason = `pictures and their stored features give vectors with a cosine of ${pictures.cosine.toFixed(4)}`;
    throw new DiptychError('DIPTYCH_EXPORT_BACKBONE', { path: folder, reason });
  }
  return pictures;
}

function outOfReach(run: string, cause: unknown): unknown {
  if (!isDiptychError(cause)) return cause;
  return new DiptychError('DIPTYCH_EXPORT_INPUTS', { run, reason: cause.message }, { cause });
}

function requireEqual(what: string, { difference }: Comparison): void {
  // Written so that NaN is refused.
  if (difference <= ALLOWED) return;
  const fields = { what, difference: difference.toExponential(2), allowed: ALLOWED.toExponential(0) };
  throw new DiptychError('DIPTYCH_EXPORT_DIFFERS', fields);
}
