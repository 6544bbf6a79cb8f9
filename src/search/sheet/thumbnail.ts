/** @file Pictures at the size of a contact sheet. */
import sharp from 'sharp';
import { defaultLimits } from '../../data/images/decode.ts';

export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  readonly jpeg: Buffer;
}

/** Pictures up to this size are enlarged without blurring: what they show is pixels. */
const TINY = 96;

/** A picture fitted into a box, upright, over white; undefined if it cannot be read. */
export async function thumbnail(path: string, width: number, height: number): Promise<Thumbnail | undefined> {
  try {
    const source = sharp(path, { limitInputPixels: defaultLimits.pixels });
    const { autoOrient } = await source.metadata();
    const kernel = Math.max(autoOrient.width, autoOrient.height) <= TINY ? 'nearest' : 'lanczos3';
    const { data, info } = await source
      .autoOrient()
      .resize({ width, height, fit: 'inside', kernel })
      .flatten({ background: 'white' })
      .jpeg({ quality: 82, mozjpeg: false })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, jpeg: data };
  } catch {
    return undefined;
  }
}

/** Thumbnails of many pictures, a few at a time, in their order. */
export async function thumbnails(
  paths: readonly (string | null | undefined)[],
  width: number,
  height: number,
): Promise<(Thumbnail | undefined)[]> {
  const made: (Thumbnail | undefined)[] = Array(paths.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < paths.length) {
      const i = next++;
      const path = paths[i];
      made[i] = path == null ? undefined : await thumbnail(path, width, height);
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return made;
}
