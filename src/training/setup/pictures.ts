/** @file Pictures decoded once into bytes, for towers that are trained on pixels. */
import { availableParallelism } from 'node:os';
import type { ImageRecord } from '../../data/dataset.ts';
import { decodeImage } from '../../data/images/decode.ts';
import { resize } from '../../data/images/resize.ts';
import { DiptychError } from '../../errors/error.ts';
import type { Progress } from '../../system/progress.ts';

/**
 * Pictures as bytes [images, 3, size, size]: resized with Pillow's bicubic filter, whatever that does to proportions.
 *
 * @throws DIPTYCH_TRAINING_PICTURES for an image without a path, and what decoding throws
 */
export async function loadPictures(
  images: readonly ImageRecord[],
  size: number,
  progress: Progress,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = 3 * size * size;
  const out = new Uint8Array(images.length * bytes);
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < images.length) {
      const at = next++;
      const { id, path } = images[at];
      if (path === undefined) throw new DiptychError('DIPTYCH_TRAINING_PICTURES', { id });
      const image = resize(await decodeImage(path), { width: size, height: size, filter: 'bicubic' });
      intoPlanes(image.data, out.subarray(at * bytes, (at + 1) * bytes));
      done++;
      progress.update({ done, total: images.length, unit: 'pictures' });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return out;
}

/** Interleaved red, green, blue to three planes. */
function intoPlanes(interleaved: Uint8Array, planes: Uint8Array): void {
  const pixels = planes.length / 3;
  for (let channel = 0; channel < 3; channel++) {
    for (let pixel = 0; pixel < pixels; pixel++) planes[channel * pixels + pixel] = interleaved[3 * pixel + channel];
  }
}
