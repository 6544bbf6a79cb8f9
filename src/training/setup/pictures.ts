/** @file Pictures decoded once into bytes, for towers that are trained on pixels. */
import { availableParallelism } from 'node:os';
import type { ImageRecord } from '../../data/dataset.ts';
import { decodeImage } from '../../data/images/decode.ts';
import { outputSize, plainView, preprocess, valuesOf } from '../../data/images/preprocess.ts';
import { type Preprocessing, preprocessingSchema } from '../../data/images/preprocessing.ts';
import { DiptychError } from '../../errors/error.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { Progress } from '../../system/progress.ts';
import type { GivenModels } from './given.ts';

/**
 * How a picture becomes bytes for the image tower, which standardises them itself: as a pretrained model has it, or squeezed to
 * the size of the options with Pillow's bicubic filter.
 */
export function bytesOf(
  { image }: Pick<TrainingValues, 'image'>,
  { image: model }: GivenModels['descriptions'] = {},
): Preprocessing {
  const square = { width: image.imageSize, height: image.imageSize };
  const { resize, crop } = model?.preprocessing ?? {
    resize: { ...square, filter: 'bicubic' as const },
    crop: undefined,
  };
  return preprocessingSchema.parse({ resize, ...(crop && { crop }), rescale: 1 });
}

/**
 * Pictures as bytes [images, 3, size, size].
 *
 * @param preprocessing that gives bytes
 * @throws DIPTYCH_TRAINING_PICTURES for an image without a path, and what decoding throws
 */
export async function loadPictures(
  images: readonly ImageRecord[],
  preprocessing: Preprocessing,
  progress: Progress,
): Promise<{ readonly pixels: Uint8Array<ArrayBuffer>; readonly size: number }> {
  const bytes = valuesOf(preprocessing);
  const pixels = new Uint8Array(images.length * bytes);
  let next = 0;
  let done = 0;
  const work = async () => {
    const values = new Float32Array(bytes);
    while (next < images.length) {
      const at = next++;
      const { id, path } = images[at];
      if (path === undefined) throw new DiptychError('DIPTYCH_TRAINING_PICTURES', { id });
      pixels.set(preprocess(await decodeImage(path), preprocessing, plainView, values), at * bytes);
      done++;
      progress.update({ done, total: images.length, unit: 'pictures' });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return { pixels, size: outputSize(preprocessing).width };
}
